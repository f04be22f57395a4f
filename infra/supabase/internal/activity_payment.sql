-- What an item pays: the same guarded payment as a click, at the time of the item.

-- Pay an event for an item, or refuse: {paid: {event, amount, balance}} or {refused: {event, outcome, …}} with the
-- outcomes of internal.check_earning, event_not_claimable for the check-in, which is taken by /daily alone, and
-- already_paid where the ledger knows of an item that recorded_items has lost. All that it locks is locked before.
create function internal.pay_item(p_server_id text, p_item jsonb, p_payee text, p_event_type text) returns jsonb
language plpgsql volatile
as $$
declare
    v_is_author boolean := p_item ->> 'type' = 'reaction';
    v_at timestamptz := p_item ->> 'pays_at';
    v_reference text := case when v_is_author then 'message:' || (p_item ->> 'message_id')
        else 'item:' || (p_item ->> 'id') end;
    v_member internal.caller;
    v_check record;
    v_paid public.reward_ledger;
begin
    if p_event_type = 'daily_checkin' then
        return jsonb_build_object('refused', jsonb_build_object(
            'event', p_event_type, 'outcome', 'event_not_claimable', 'command', '/daily'
        ));
    end if;
    v_member.server_id := p_server_id;
    v_member.channel_id := p_item ->> 'channel_id';
    v_member.user_id := p_payee;
    v_member.role_ids := case when v_is_author then '{}' -- nobody has told the author's
        else array(select jsonb_array_elements_text(internal.list(p_item, 'role_ids'))) end;
    v_member.parent_ids := array(select jsonb_array_elements_text(internal.list(p_item, 'parent_ids')));

    v_check := internal.check_earning(v_member, p_event_type, v_at);
    if v_check.refusal is not null then
        return jsonb_build_object('refused', v_check.refusal || jsonb_build_object('event', p_event_type));
    end if;
    if exists (
        select from public.reward_ledger
        where source = 'activity' and server_id = p_server_id and event_type = p_event_type and reference = v_reference
            and reference like 'item:%' and created_at > v_at - interval '1 day' -- see ledger_pays_an_item_once
    ) then
        return jsonb_build_object(
            'refused', jsonb_build_object('event', p_event_type, 'outcome', 'already_paid')
        );
    end if;
    v_paid := internal.pay(
        v_member, v_check.rule, 'activity', v_reference,
        internal.reward(
            v_check.settings, coalesce((v_check.rule).reward_amount, 0), v_check.streak, v_member.role_ids
        ) || jsonb_build_object('event', internal.event_name(v_check.rule)),
        v_member.user_id, case p_item ->> 'type' when 'event' then p_item ->> 'reason' end, v_at
    );
    return jsonb_build_object('paid', jsonb_build_object(
        'event', p_event_type, 'amount', v_paid.amount, 'balance', v_paid.balance_after
    ));
end
$$;
