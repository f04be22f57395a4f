-- The server's own rule for an event, locked, so that it can be changed. Where only a brand-wide rule holds, the server
-- gets a copy first: what an admin changes here must not change other servers. No row if there is neither.
create function internal.own_rule(p_server public.discord_server_configs, p_event_type text)
returns setof public.monitoring_rules rows 1
language plpgsql volatile
as $$
begin
    insert into public.monitoring_rules
        (id, brand_id, server_id, event_type, reward_amount, cooldown_hours, max_claims_per_user, is_enabled,
            max_total_claims, label, claimable, detection_config)
    select gen_random_uuid(), brand_id, p_server.server_id, event_type, reward_amount, cooldown_hours,
        max_claims_per_user, is_enabled, max_total_claims, label, claimable, detection_config
    from public.monitoring_rules
    where brand_id = p_server.brand_id and server_id is null and event_type = p_event_type
    on conflict on constraint rules_once_per_event do nothing;

    return query
    select * from public.monitoring_rules
    where brand_id = p_server.brand_id and server_id = p_server.server_id and event_type = p_event_type
    for update;
end
$$;
