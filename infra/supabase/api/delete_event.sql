-- Deletes a server's own event. Where the brand has one of that name, that one holds from now on.
-- Outcomes: event_deleted {event, brand_wide: what holds now or null, open_drops}; not_allowed; server_not_connected;
-- event_not_found {event, events}; event_is_brand_wide {event}.
create function public.delete_event(p_caller internal.caller, p_event_type text, p_now timestamptz default now())
returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_open record;
    v_remaining public.monitoring_rules;
    v_is_done boolean;
    v_is_deleted boolean;
begin
    select * into v_open from internal.open_server(p_caller);
    if v_open.refusal is not null then
        return v_open.refusal;
    end if;
    perform internal.act_as(p_caller, p_now);

    perform from public.monitoring_rules
    where brand_id = (v_open.server).brand_id and server_id = p_caller.server_id and event_type = p_event_type
    for update;
    v_is_done := internal.has_done(p_caller, 'event.deleted');
    delete from public.monitoring_rules
    where brand_id = (v_open.server).brand_id and server_id = p_caller.server_id and event_type = p_event_type
        and not v_is_done;
    v_is_deleted := found or v_is_done;

    select * into v_remaining from internal.rule((v_open.server).brand_id, p_caller.server_id, p_event_type);
    if v_is_deleted then
        return jsonb_build_object(
            'outcome', 'event_deleted',
            'event', p_event_type,
            'brand_wide', case when v_remaining.id is not null then internal.event_facts(v_remaining) end,
            'open_drops', (
                select count(*) from public.discord_drops
                where server_id = p_caller.server_id and event_id = p_event_type and ended_at is null
            )
        );
    elsif v_remaining.id is not null then
        return jsonb_build_object('outcome', 'event_is_brand_wide', 'event', p_event_type);
    end if;
    return internal.event_unknown(v_open.server, p_event_type);
end
$$;
