-- An event, as people read it: a rule (see rule.sql) with its name, its facts and how it stands for a member.

-- Give what people call an event: its label, else its type. Every payment keeps it, and other programs write labels of any
-- length.
create function internal.event_name(p_rule public.monitoring_rules) returns text
language sql immutable
as $$
    select left(coalesce(nullif(p_rule.label, ''), p_rule.event_type), 200)
$$;

-- Give what people read of an event: {event, label, reward, cooldown_hours, ignored_cooldown_hours (set, but it takes
-- none), max_claims, max_total_claims, claimable, enabled, brand_wide, detection: its trigger and what goes with it}; no
-- limit is NULL.
create function internal.event_facts(p_rule public.monitoring_rules) returns jsonb
language sql immutable
as $$
    select pg_catalog.jsonb_build_object(
        'event', p_rule.event_type,
        'label', p_rule.label,
        'reward', coalesce(p_rule.reward_amount, 0),
        'cooldown_hours', internal.cooldown_hours(p_rule),
        'ignored_cooldown_hours', case
            when p_rule.cooldown_hours > 0 and internal.cooldown_hours(p_rule) is null then p_rule.cooldown_hours
        end,
        'max_claims', case when p_rule.max_claims_per_user >= 0 then p_rule.max_claims_per_user end,
        'max_total_claims', case when p_rule.max_total_claims >= 0 then p_rule.max_total_claims end,
        'claimable', p_rule.claimable,
        'enabled', coalesce(p_rule.is_enabled, true),
        'brand_wide', p_rule.server_id is null,
        'detection', nullif(p_rule.detection_config, 'null')
    )
$$;

-- Give the events that hold on a server as a list of internal.event_facts, by type.
create function internal.events_of(p_server public.discord_server_configs) returns jsonb
language sql stable
as $$
    select coalesce(pg_catalog.jsonb_agg(internal.event_facts(r) order by event_type), '[]')
    from internal.rules_of(p_server) as r
$$;

-- Refuse an event that a server does not have, for an admin: event_not_found {event: as typed, events: the types of
-- those that it has}.
create function internal.event_not_found(p_server public.discord_server_configs, p_typed text) returns jsonb
language plpgsql stable
as $$
begin
    return jsonb_build_object('outcome', 'event_not_found', 'event', p_typed, 'events', (
        select coalesce(jsonb_agg(event_type order by event_type), '[]') from internal.rules_of(p_server)
    ));
end
$$;

-- Give the events that every connected server starts with, except those that hold on a server already, also by a
-- brand-wide rule.
create function internal.missing_events(p_brand_id text, p_server_id text) returns table (
    event_type text,
    label text,
    reward numeric,
    cooldown_hours integer,
    max_claims integer,
    detection jsonb
)
language sql stable
as $$
    select d.*
    from (values
        -- once a day by the streak's rule
        ('daily_checkin', 'Daily check-in', 25::numeric, null::integer, null::integer, null::jsonb),
        ('news_tracker', 'News tracker', 5, null, null, null),
        ('regular_engagement', 'Regular engagement', 10, 1, null,
            '{"trigger": "message", "min_characters": 100, "min_words": 20}'),
        ('welcome_bonus', 'Welcome bonus', 50, null, 1, null)
    ) as d (event_type, label, reward, cooldown_hours, max_claims, detection)
    where not exists (select from internal.rule(p_brand_id, p_server_id, d.event_type))
$$;

-- Give how an event stands for a member: ready, waiting until retry_at for the end of a cooldown, or used_up by a
-- limit, after which its cooldown does not matter. No row if the event is off or missing.
create function internal.event_state(
    p_rule public.monitoring_rules,
    p_server_id text,
    p_user_id text,
    p_now timestamptz
) returns table (state text, retry_at timestamptz)
language plpgsql stable rows 1
as $$
begin
    return query
    select
        case
            when c.claims >= internal.member_limit(p_rule) or internal.member_limit(p_rule) = 0 then 'used_up'
            when p_rule.max_total_claims >= 0
                and internal.total_claims(p_server_id, p_rule.event_type) >= p_rule.max_total_claims then 'used_up'
            when cooldown.ends_at > p_now then 'waiting'
            else 'ready'
        end,
        cooldown.ends_at
    from (select) as one_row
    left join public.event_claims as c
        on c.server_id = p_server_id and c.discord_user_id = p_user_id and c.event_type = p_rule.event_type
    cross join lateral (
        select c.last_claimed_at + make_interval(hours => internal.cooldown_hours(p_rule)) as ends_at
    ) as cooldown
    where p_rule.id is not null and p_rule.is_enabled is not false;
end
$$;

-- Give how many drops of an event are open on a server.
create function internal.open_drops_of(p_server_id text, p_event_type text) returns bigint
language plpgsql stable
as $$
begin
    return (
        select count(*) from public.discord_drops
        where server_id = p_server_id and event_id = p_event_type and ended_at is null
    );
end
$$;
