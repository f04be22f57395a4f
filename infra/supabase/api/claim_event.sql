-- Claim an event with /claim: pay if the event is claimable and its limits allow it.
-- Outcomes: event_claimed {event, amount, how it came about, retry_at, claims_left, is_shared (all members together are
-- limited), balance}; server_not_connected, event_not_found; event_not_claimable {event, command}; then the others of
-- internal.check_earning.
create function public.claim_event(p_caller internal.caller, p_event_type text, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_check record;
    v_rule public.monitoring_rules;
    v_answer jsonb;
begin
    for v_try in 1..5 loop -- see claim_drop
        v_check := internal.check_earning(p_caller, p_event_type, p_now);
        v_rule := v_check.rule;
        if v_rule.id is not null and not internal.is_claimable(v_rule) then
            v_check.refusal := jsonb_build_object(
                'outcome', 'event_not_claimable',
                'event', internal.event_name(v_rule),
                'command', case p_event_type when 'daily_checkin' then '/daily' when 'welcome_bonus' then '/join' end
            );
        end if;
        if v_check.refusal is not null then
            return coalesce(internal.paid_before(p_caller, 'event_claimed'), v_check.refusal);
        end if;

        v_answer := internal.try_pay(
            p_caller, v_rule, 'claim', null,
            internal.reward(v_check.settings, coalesce(v_rule.reward_amount, 0), v_check.streak, p_caller.role_ids)
                || jsonb_build_object(
                    'event', internal.event_name(v_rule),
                    'retry_at', p_now + make_interval(hours => internal.cooldown_hours(v_rule)),
                    'is_shared', coalesce(v_rule.max_total_claims >= 0, false)
                ),
            'event_claimed', p_now
        );
        if v_answer is not null then
            return v_answer;
        end if;
    end loop;
    raise exception using errcode = 'RSNC2', message = 'claim_event came to no decision';
end
$$;
