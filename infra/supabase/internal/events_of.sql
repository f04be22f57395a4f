-- The rules that hold on a server, one per event; its own shadow the brand-wide ones.
create function internal.rules_of(p_server public.discord_server_configs) returns setof public.monitoring_rules
language sql stable
as $$
    select distinct on (event_type) r.*
    from public.monitoring_rules as r
    where brand_id = p_server.brand_id and (server_id = p_server.server_id or server_id is null)
    order by event_type, server_id nulls last
$$;

-- The events that hold on a server as a list of internal.event_facts, by name.
create function internal.events_of(p_server public.discord_server_configs) returns jsonb
language sql stable
as $$
    select coalesce(pg_catalog.jsonb_agg(internal.event_facts(r) order by event_type), '[]')
    from internal.rules_of(p_server) as r
$$;

-- The refusal of an event that a server does not have, for an admin: with those that it has.
create function internal.event_unknown(p_server public.discord_server_configs, p_called text) returns jsonb
language plpgsql stable
as $$
begin
    return jsonb_build_object('outcome', 'event_not_found', 'event', p_called, 'events', (
        select coalesce(jsonb_agg(event_type order by event_type), '[]') from internal.rules_of(p_server)
    ));
end
$$;
