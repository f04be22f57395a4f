-- Pay the welcome bonus with /join: once in a lifetime on a server, however it was earned.
-- Outcomes: welcomed {amount, how it came about, balance}; those of internal.check_earning; already_welcomed
-- {claimed_at, amount}, instead of the event's cooldown and limits, because this member can never earn it again.
create function public.claim_welcome_bonus(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_check record;
    v_already_welcomed jsonb;
    v_rule public.monitoring_rules;
    v_answer jsonb;
begin
    for v_try in 1..5 loop -- see claim_drop
        v_check := internal.check_earning(p_caller, 'welcome_bonus', p_now);
        if v_check.refusal is null
            or v_check.refusal ->> 'outcome' in ('cooldown', 'limit_reached', 'total_limit_reached')
        then
            select jsonb_build_object(
                'outcome', 'already_welcomed',
                'claimed_at', coalesce(l.created_at, c.last_claimed_at),
                'amount', coalesce(l.amount, 0)
            ) into v_already_welcomed
            from (select) as one_row
            left join public.event_claims as c
                on c.server_id = p_caller.server_id and c.discord_user_id = p_caller.user_id
                and c.event_type = 'welcome_bonus' and c.claims > 0 -- another program may have reset it
            left join lateral (
                select created_at, amount from public.reward_ledger
                where server_id = p_caller.server_id and discord_user_id = p_caller.user_id
                    and event_type = 'welcome_bonus' and source <> 'reversal'
                order by id
                limit 1
            ) as l on true
            where c.claims > 0 or l.amount is not null;
            v_check.refusal := coalesce(v_already_welcomed, v_check.refusal);
        end if;
        if v_check.refusal is not null then
            return coalesce(internal.paid_before(p_caller, 'welcomed'), v_check.refusal);
        end if;

        v_rule := v_check.rule;
        v_answer := internal.try_pay(
            p_caller, v_rule, 'claim', null,
            internal.reward(v_check.settings, coalesce(v_rule.reward_amount, 0), v_check.streak, p_caller.role_ids),
            'welcomed', p_now
        );
        if v_answer is not null then
            return v_answer;
        end if;
    end loop;
    raise exception using errcode = 'RSNC2', message = 'claim_welcome_bonus came to no decision';
end
$$;
