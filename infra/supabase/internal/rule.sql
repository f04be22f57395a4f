-- The rule that holds for an event on a server: its own, else the brand-wide one. No row if there is neither.
create function internal.rule(p_brand_id text, p_server_id text, p_event_type text)
returns setof public.monitoring_rules rows 1
language sql stable
as $$
    select * from public.monitoring_rules
    where brand_id = p_brand_id and event_type = p_event_type and (server_id = p_server_id or server_id is null)
    order by server_id nulls last
    limit 1
$$;

-- The rule that somebody means who types an event: by its name, else by its label, whatever the case. No row if none.
create function internal.rule_called(p_server public.discord_server_configs, p_called text)
returns setof public.monitoring_rules rows 1
language sql stable
as $$
    select r.* from internal.rules_of(p_server) as r
    where event_type in (p_called, replace(lower(p_called), ' ', '_')) or lower(label) = lower(p_called)
    order by event_type = p_called desc, lower(label) = lower(p_called) desc nulls last, event_type
    limit 1
$$;

-- What people read of an event: {event, label, reward, cooldown_hours, max_claims, max_total_claims, claimable,
-- enabled, brand_wide}; no limit is NULL.
create function internal.event_facts(p_rule public.monitoring_rules) returns jsonb
language sql immutable
as $$
    select pg_catalog.jsonb_build_object(
        'event', p_rule.event_type,
        'label', p_rule.label,
        'reward', coalesce(p_rule.reward_amount, 0),
        'cooldown_hours', case when p_rule.cooldown_hours > 0 then p_rule.cooldown_hours end,
        'max_claims', case when p_rule.max_claims_per_user >= 0 then p_rule.max_claims_per_user end,
        'max_total_claims', case when p_rule.max_total_claims >= 0 then p_rule.max_total_claims end,
        'claimable', p_rule.claimable,
        'enabled', coalesce(p_rule.is_enabled, true),
        'brand_wide', p_rule.server_id is null
    )
$$;
