-- Pay the caller the reward of a milestone: the one of p_days, else the smallest that waits. Each once in a lifetime.
-- Outcomes: milestone_claimed {days, amount, how it came about, balance, milestones (that still wait), more (how many
-- these are)}; server_not_connected, those of
-- internal.member_refusal; milestone_unknown {days, milestones}, milestone_not_reached {days, reward, streak,
-- reached_at (NULL: today)}, milestone_taken {days, amount, claimed_at}, no_milestone {streak, next_milestone,
-- reached_at}.
create function public.claim_milestone(
    p_caller internal.caller,
    p_days integer default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_check record;
    v_answer jsonb;
begin
    perform internal.lock_earner(p_caller.server_id, p_caller.user_id);
    v_check := internal.check_milestone(p_caller, p_days, p_now);
    v_answer := coalesce(internal.paid_before(p_caller, 'milestone_claimed'), v_check.refusal);
    if v_answer is not null then
        return v_answer;
    end if;
    -- Apply no multiplier, so that nobody gains by taking it later.
    return internal.receipt(internal.pay(
        p_caller, v_check.rule, 'milestone', v_check.days::text,
        jsonb_build_object(
            'days', v_check.days,
            'base', v_check.reward,
            'streak', v_check.streak,
            'streak_multiplier', 1,
            'role_multiplier', 1,
            'flat', 0,
            'amount', v_check.reward,
            'milestones', v_check.others,
            'more', jsonb_array_length(v_check.others)
        ),
        p_caller.user_id, null, p_now
    )) || jsonb_build_object('outcome', 'milestone_claimed');
end
$$;
