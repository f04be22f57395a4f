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
    perform internal.lock_earner(p_caller.server_id, p_caller.user_id);
    v_check := internal.check_claimable(p_caller, p_event_type, p_now);
    if v_check.refusal is null and internal.lock_total(p_caller.server_id, v_check.rule) then
        v_check := internal.check_claimable(p_caller, p_event_type, p_now);
    end if;
    v_answer := coalesce(internal.paid_before(p_caller, 'event_claimed'), v_check.refusal);
    if v_answer is not null then
        return v_answer;
    end if;

    v_rule := v_check.rule;
    return internal.receipt(internal.pay(
        p_caller, v_rule, 'claim', null,
        internal.reward(v_check.settings, coalesce(v_rule.reward_amount, 0), v_check.streak, p_caller.role_ids)
            || jsonb_build_object(
                'event', internal.event_name(v_rule),
                'retry_at', p_now + make_interval(hours => internal.cooldown_hours(v_rule)),
                'is_shared', coalesce(v_rule.max_total_claims >= 0, false)
            ),
        p_caller.user_id, null, p_now
    )) || jsonb_build_object('outcome', 'event_claimed');
end
$$;
