-- Give a member the reward of an event for an admin: cooldown, limits and the member's own bonuses count as if the
-- member had earned it. Ignore where the member is, and what holds them back in Discord: an admin decides.
-- Outcomes: reward_given {member_id, event, amount, how it came about, balance}; not_allowed; server_not_connected;
-- member_not_here, bot_not_paid; then, with member_id, the others of internal.check_earning but member_pending,
-- member_timed_out and those of a place.
create function public.give_reward(
    p_caller internal.caller,
    p_member_id text,
    p_event_type text,
    p_role_ids text[], -- the member's; NULL: not in the server
    p_manages_server boolean default false, -- the member, as in internal.caller
    p_is_bot boolean default false,
    p_reason text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_member internal.caller;
    v_check record;
    v_rule public.monitoring_rules;
    v_paid public.reward_ledger;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    elsif p_role_ids is null then
        return internal.keep_answer(
            p_caller, jsonb_build_object('outcome', 'member_not_here', 'member_id', p_member_id)
        );
    elsif p_is_bot then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'bot_not_paid', 'member_id', p_member_id));
    end if;
    v_member.interaction_id := p_caller.interaction_id;
    v_member.server_id := p_caller.server_id;
    v_member.user_id := p_member_id;
    v_member.role_ids := p_role_ids;
    v_member.manages_server := p_manages_server;

    perform internal.lock_earner(p_caller.server_id, p_member_id);
    v_check := internal.check_earning(v_member, p_event_type, p_now);
    if v_check.refusal is null and internal.lock_total(p_caller.server_id, v_check.rule) then
        v_check := internal.check_earning(v_member, p_event_type, p_now);
    end if;
    if v_check.refusal is not null then
        return internal.keep_answer(p_caller, v_check.refusal || jsonb_build_object('member_id', p_member_id));
    end if;

    v_rule := v_check.rule;
    v_paid := internal.pay(
        v_member, v_rule, 'grant', null,
        internal.reward(v_check.settings, coalesce(v_rule.reward_amount, 0), v_check.streak, p_role_ids)
            || jsonb_build_object('event', internal.event_name(v_rule), 'member_id', p_member_id),
        p_caller.user_id, p_reason, p_now
    );
    perform internal.log_action(
        p_caller, v_paid.brand_id, 'reward.given',
        jsonb_build_object('total', v_paid.balance_after - v_paid.amount),
        jsonb_build_object('total', v_paid.balance_after) || to_jsonb(v_paid),
        p_now, p_member_id
    );
    return internal.keep_answer(
        p_caller, internal.receipt(v_paid) || jsonb_build_object('outcome', 'reward_given')
    );
end
$$;
