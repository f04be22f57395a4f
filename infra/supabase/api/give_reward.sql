-- An admin gives a member the reward of an event, as its rule says: cooldown, limits and the member's own bonuses count
-- as if the member had earned it. The channel does not matter: it is the admin who is there.
-- Outcomes: reward_given {member_id, event, amount, how it came about, balance}; not_allowed; server_not_connected;
-- member_not_here, bot_not_paid; then, with member_id, the others of internal.check_earning but channel_excluded.
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
language plpgsql volatile set search_path = ''
as $$
declare
    v_open record;
    v_member internal.caller := p_caller;
    v_check record;
    v_rule public.monitoring_rules;
    v_paid public.reward_ledger;
    v_told jsonb;
begin
    select * into v_open from internal.open_server(p_caller);
    if v_open.refusal is null then
        if p_role_ids is null then
            v_open.refusal := jsonb_build_object('outcome', 'member_not_here', 'member_id', p_member_id);
        elsif p_is_bot then
            v_open.refusal := jsonb_build_object('outcome', 'bot_not_paid', 'member_id', p_member_id);
        end if;
    end if;
    if v_open.refusal is not null then
        return coalesce(internal.paid_before(p_caller, 'reward_given'), v_open.refusal);
    end if;
    perform internal.act_as(p_caller, p_now);
    v_member.user_id := p_member_id;
    v_member.role_ids := p_role_ids;
    v_member.manages_server := p_manages_server;
    v_member.channel_id := null;

    for v_try in 1..5 loop -- see claim_drop
        v_check := internal.check_earning(v_member, p_event_type, p_now);
        v_rule := v_check.rule;
        v_rule.max_claims_per_user := internal.member_limit(v_rule);
        if v_check.refusal is null then
            v_check.refusal := internal.welcome_refusal(v_member, v_rule);
        end if;
        if v_check.refusal is not null then
            return coalesce(
                internal.paid_before(p_caller, 'reward_given'),
                v_check.refusal || jsonb_build_object('member_id', p_member_id)
            );
        end if;

        begin
            v_paid := internal.pay(
                v_member, v_rule, 'grant', null,
                internal.reward(v_check.settings, coalesce(v_rule.reward_amount, 0), v_check.streak, p_role_ids)
                    || jsonb_build_object(
                        'event', coalesce(nullif(v_rule.label, ''), p_event_type), 'member_id', p_member_id
                    ),
                p_now, p_caller.user_id, p_reason
            );
            perform internal.note_action(
                p_caller, v_paid.brand_id, 'reward.given', p_member_id,
                jsonb_build_object('total', v_paid.balance_after - v_paid.amount),
                jsonb_build_object('total', v_paid.balance_after) || to_jsonb(v_paid),
                p_now
            );
            return internal.receipt(v_paid) || jsonb_build_object('outcome', 'reward_given');
        exception
            when sqlstate 'RSNC1' or unique_violation then
                v_told := internal.paid_before(p_caller, 'reward_given'); -- by a twin of this interaction
        end;
        if v_told is not null then
            return v_told;
        end if;
    end loop;
    raise exception using errcode = 'RSNC2', message = 'give_reward came to no decision';
end
$$;
