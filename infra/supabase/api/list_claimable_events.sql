-- The events of a server that members may take with /claim, for the suggestions while they type.
-- Outcomes: events {events, as internal.event_facts}; server_not_connected.
create function public.list_claimable_events(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_open record;
begin
    v_open := internal.connected_server(p_caller);
    if v_open.refusal is not null then
        return v_open.refusal;
    end if;
    return jsonb_build_object('outcome', 'events', 'events', (
        select coalesce(jsonb_agg(internal.event_facts(r) order by event_type), '[]')
        from internal.rules_of(v_open.server) as r
        where is_enabled is not false and internal.is_claimable(r)
    ));
end
$$;
