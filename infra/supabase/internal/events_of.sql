-- The events that hold on a server as a list of internal.event_facts, by name; its own rules shadow the brand-wide ones.
create function internal.events_of(p_server public.discord_server_configs) returns jsonb
language sql stable
as $$
    select coalesce(pg_catalog.jsonb_agg(facts order by event_type), '[]')
    from (
        select distinct on (event_type) event_type, internal.event_facts(r) as facts
        from public.monitoring_rules as r
        where brand_id = p_server.brand_id and (server_id = p_server.server_id or server_id is null)
        order by event_type, server_id nulls last
    ) as events
$$;
