-- The caller takes the reward of a milestone: the one of p_days, else the smallest that waits. Once in a lifetime each.
-- Outcomes: milestone_claimed {days, amount, how it came about, balance, more}; server_not_connected, member_disabled,
-- test_mode, channel_excluded; milestone_unknown {days, milestones}, milestone_not_reached {days, reward, streak,
-- reached_at (NULL: today)}, milestone_taken {days, amount, claimed_at}, no_milestone {streak, next_milestone, reached_at}.
create function public.claim_milestone(
    p_caller internal.caller,
    p_days integer default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_look record;
    v_paid public.reward_ledger;
    v_before jsonb;
begin
    for v_try in 1..50 loop -- each lost round took one of the milestones that wait
        v_look := internal.look_at_milestone(p_caller, p_days, p_now);
        if v_look.refusal is not null then
            return coalesce(internal.paid_before(p_caller, 'milestone_claimed'), v_look.refusal);
        end if;

        begin
            v_paid := internal.pay(
                p_caller, v_look.rule, 'milestone', v_look.days::text,
                jsonb_build_object(
                    'days', v_look.days,
                    'base', v_look.reward,
                    'streak', v_look.streak,
                    'streak_multiplier', 1,
                    'role_multiplier', 1,
                    'flat', 0,
                    'amount', v_look.reward,
                    'more', v_look.more
                ),
                p_now
            );
            return internal.receipt(v_paid) || jsonb_build_object('outcome', 'milestone_claimed');
        exception
            when sqlstate 'RSNC1' or unique_violation then -- see claim_drop
                null;
        end;
        v_before := internal.paid_before(p_caller, 'milestone_claimed');
        if v_before is not null then -- a twin of this interaction took another milestone than this look found
            return v_before;
        end if;
    end loop;
    raise exception using errcode = 'RSNC2', message = 'claim_milestone came to no decision';
end
$$;
