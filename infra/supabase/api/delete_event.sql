-- Delete a server's own event. Where the brand has one of that type, that one holds from now on.
-- Its open drops end with it where no other event of its name holds (migration 013).
-- Outcomes: event_deletion_asked {event, label, open_drops} unless p_confirmed; event_deleted {event, brand_wide: what holds now or NULL, open_drops, ended_drops}; not_allowed;
-- server_not_connected; event_not_found {event, events}; event_is_brand_wide {event}.
create function public.delete_event(
    p_caller internal.caller,
    p_event_type text,
    p_confirmed boolean default true, -- else ask, and change nothing
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_remaining public.monitoring_rules;
    v_is_deleted boolean;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    if not p_confirmed then
        select * into v_remaining from public.monitoring_rules
        where brand_id = (v_access.server).brand_id and server_id = p_caller.server_id and event_type = p_event_type;
        if found then
            return internal.keep_answer(p_caller, jsonb_build_object(
                'outcome', 'event_deletion_asked',
                'event', p_event_type,
                'label', v_remaining.label,
                'open_drops', internal.open_drops_of(p_caller.server_id, p_event_type)
            ));
        end if;
    end if;
    delete from public.monitoring_rules
    where brand_id = (v_access.server).brand_id and server_id = p_caller.server_id and event_type = p_event_type;
    v_is_deleted := found;

    select * into v_remaining from internal.rule((v_access.server).brand_id, p_caller.server_id, p_event_type);
    if v_is_deleted then
        return internal.keep_answer(p_caller, jsonb_build_object(
            'outcome', 'event_deleted',
            'event', p_event_type,
            'brand_wide', case when v_remaining.id is not null then internal.event_facts(v_remaining) end,
            'open_drops', internal.open_drops_of(p_caller.server_id, p_event_type),
            'ended_drops', (
                select count(*) from public.discord_drops
                where server_id = p_caller.server_id and event_id = p_event_type and end_reason = 'event_deleted'
                    and ended_at = p_now
            )
        ));
    elsif v_remaining.id is not null then
        return internal.keep_answer(
            p_caller, jsonb_build_object('outcome', 'event_is_brand_wide', 'event', p_event_type)
        );
    end if;
    return internal.keep_answer(p_caller, internal.event_not_found(v_access.server, p_event_type));
end
$$;
