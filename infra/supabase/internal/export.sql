-- The data sets of /export. Each gives its rows in order as (key, cells), after the row whose key is p_after, or from
-- the beginning where that is NULL. Cells are text, so that no number is rounded on its way into the file.
--
-- Write them in SQL: Postgres inlines them into the caller's query, which then reads no more rows than it fetches.

-- Give the names of the columns of a data set.
create function internal.export_columns(p_type text) returns jsonb
language sql immutable
as $$
    select pg_catalog.to_jsonb(case p_type
        when 'rewards' then array['id', 'created_at', 'discord_user_id', 'event_type', 'amount', 'balance_after',
            'source', 'reference', 'actor_id', 'reason', 'interaction_id']
        when 'audit' then array['id', 'created_at', 'actor_type', 'actor_id', 'action', 'target_user_id', 'is_test',
            'before_state', 'after_state', 'details', 'interaction_id']
        when 'members' then array['discord_user_id', 'rsnc_total', 'current_streak', 'longest_streak', 'last_checkin',
            'messages_count', 'voice_minutes', 'reactions_count', 'reactions_received', 'disabled_at', 'disabled_by',
            'disabled_reason']
        when 'config' then array['key', 'value']
    end)
$$;

-- Write an instant by ISO 8601 in UTC: 2026-03-10T12:00:00.000000Z.
create function internal.export_time(p_at timestamptz) returns text
language sql stable
as $$
    select pg_catalog.to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Give the ledger of a server, the newest row first.
create function internal.export_rewards(p_server_id text, p_after text) returns table (key text, cells jsonb)
language sql stable
as $$
    select l.id::text, pg_catalog.jsonb_build_array(
        l.id::text, internal.export_time(l.created_at), l.discord_user_id, l.event_type, l.amount::text,
        l.balance_after::text, l.source, l.reference, l.actor_id, l.reason, l.interaction_id
    )
    from public.reward_ledger as l
    where l.server_id = p_server_id and l.id < coalesce(p_after::bigint, 9223372036854775807)
    order by l.id desc
$$;

-- Give the audit log of a server, the newest row first.
create function internal.export_audit(p_server_id text, p_after text) returns table (key text, cells jsonb)
language sql stable
as $$
    select a.id::text, pg_catalog.jsonb_build_array(
        a.id::text, internal.export_time(a.created_at), a.actor_type, a.actor_id, a.action, a.target_user_id,
        a.is_test::text, a.before_state::text, a.after_state::text, a.details::text, a.interaction_id
    )
    from public.discord_audit_log as a
    where a.server_id = p_server_id and a.id < coalesce(p_after::bigint, 9223372036854775807)
    order by a.id desc
$$;

-- Give p_rows members of a server by id: those who have stats or a streak, or are disabled. A streak lives if its last
-- day is p_living_since or later. What no program has counted is NULL.
create function internal.export_members(p_server_id text, p_after text, p_rows integer, p_living_since date)
returns table (key text, cells jsonb)
language sql stable
as $$
    select known.discord_user_id, pg_catalog.jsonb_build_array(
        known.discord_user_id,
        coalesce(stats.rsnc_total, 0)::text,
        (case when streak.last_day >= p_living_since then streak.current_streak else 0 end)::text,
        coalesce(streak.longest_streak, 0)::text,
        internal.export_time(streak.last_checkin),
        stats.messages_count::text,
        stats.voice_minutes::text,
        stats.reactions_count::text,
        pg_catalog.to_jsonb(stats) ->> 'reactions_received', -- a database without migration 008 has no such column
        internal.export_time(disabled.disabled_at),
        disabled.disabled_by,
        disabled.reason
    )
    from (
        -- The first rows of all are among the first of each table.
        (select discord_user_id from public.discord_user_stats
            where server_id = p_server_id and discord_user_id > coalesce(p_after, '') order by 1 limit p_rows)
        union
        (select discord_user_id from public.discord_user_streaks
            where server_id = p_server_id and discord_user_id > coalesce(p_after, '') order by 1 limit p_rows)
        union
        (select discord_user_id from public.disabled_members
            where server_id = p_server_id and discord_user_id > coalesce(p_after, '') order by 1 limit p_rows)
        order by 1
        limit p_rows
    ) as known
    left join public.discord_user_stats as stats
        on stats.server_id = p_server_id and stats.discord_user_id = known.discord_user_id
    left join public.discord_user_streaks as streak
        on streak.server_id = p_server_id and streak.discord_user_id = known.discord_user_id
    left join public.disabled_members as disabled
        on disabled.server_id = p_server_id and disabled.discord_user_id = known.discord_user_id
    order by known.discord_user_id
$$;

-- Give a server's connection, its settings as they are stored and the events that hold there, one row a value:
-- settings.streak.tiers.1.days, events.quest.reward. The key of a row is its number.
create function internal.export_config(p_server public.discord_server_configs, p_after text)
returns table (key text, cells jsonb)
language sql stable
as $$
    with recursive parts as (
        select array[place] as places, part as name, value
        from (
            values
                ('1', 'server', pg_catalog.to_jsonb(p_server) - 'config_metadata'),
                ('2', 'settings', coalesce(p_server.config_metadata, '{}')),
                ('3', 'events', (
                    select pg_catalog.jsonb_object_agg(event ->> 'event', event - 'event')
                    from pg_catalog.jsonb_array_elements(internal.events_of(p_server)) as event
                ))
        ) as roots (place, part, value)
        union all
        select parts.places || child.place, parts.name || '.' || child.name, child.value
        from parts
        cross join lateral (
            select field.key as place, field.key as name, field.value
            from pg_catalog.jsonb_each(case pg_catalog.jsonb_typeof(parts.value) when 'object' then parts.value end)
                as field
            union all
            select pg_catalog.lpad(item.number::text, 9, '0'), item.number::text, item.value
            from pg_catalog.jsonb_array_elements(
                case pg_catalog.jsonb_typeof(parts.value) when 'array' then parts.value end
            ) with ordinality as item (value, number)
        ) as child
    ),
    lines as (
        select pg_catalog.row_number() over (order by places) as number, name, value #>> '{}' as value
        from parts
        where pg_catalog.jsonb_typeof(value) not in ('object', 'array')
    )
    select l.number::text, pg_catalog.jsonb_build_array(l.name, l.value)
    from lines as l
    where l.number > coalesce(p_after::bigint, 0)
    order by l.number
$$;
