-- List the events of a server that members may take with /claim, for suggestions.
-- Outcomes: events {events, as internal.event_facts}; server_not_connected.
create function public.list_claimable_events(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
begin
    v_access := internal.connected_server(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    return jsonb_build_object('outcome', 'events', 'events', (
        select coalesce(jsonb_agg(internal.event_facts(r) order by event_type), '[]')
        from internal.rules_of(v_access.server) as r
        where is_enabled is not false and internal.is_claimable(r)
    ));
end
$$;
