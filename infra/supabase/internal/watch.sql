-- A watch: a channel whose new messages become reaction drops. Migration 020 brings it; refuse without it
-- (internal.migration_refusal) before calling these.

-- Give what people read of a watch: {watch_id, server_id, channel_id, event (its name), event_type, emoji, reward,
-- lifespan_seconds (NULL: permanent), authors, author_role_id, is_forum, created_by, created_at, stopped_at, paused_at,
-- pause_reason}.
create function internal.watch_facts(p_watch_id uuid) returns jsonb
language plpgsql stable
as $$
begin
    return (
        select jsonb_build_object(
            'watch_id', w.watch_id,
            'server_id', w.server_id,
            'channel_id', w.channel_id,
            'event', coalesce(internal.event_name(rule), w.event_id),
            'event_type', w.event_id,
            'emoji', w.emoji,
            'reward', coalesce(w.reward_amount, rule.reward_amount, 0),
            'lifespan_seconds', w.lifespan_seconds,
            'authors', w.authors,
            'author_role_id', w.author_role_id,
            'is_forum', w.is_forum,
            'created_by', w.created_by,
            'created_at', w.created_at,
            'stopped_at', w.stopped_at,
            'paused_at', w.paused_at,
            'pause_reason', w.pause_reason
        )
        from public.channel_watches as w
        left join public.discord_server_configs as server on server.server_id = w.server_id
        left join lateral internal.rule(server.brand_id, server.server_id, w.event_id) as rule on true
        where w.watch_id = p_watch_id
    );
end
$$;

-- Refuse a new watch of a channel: watch_exists {watch}; too_many_watches {limit}; else NULL. The server is locked, so
-- that two admins at once do not pass the limit: looking at its channels takes a share of every server's minute.
create function internal.watch_refusal(p_server_id text, p_channel_id text) returns jsonb
language plpgsql stable
as $$
declare
    v_limit constant integer := 50;
    v_watch_id uuid;
begin
    select watch_id into v_watch_id from public.channel_watches where channel_id = p_channel_id and stopped_at is null;
    return case
        when v_watch_id is not null
            then jsonb_build_object('outcome', 'watch_exists', 'watch', internal.watch_facts(v_watch_id))
        when (
            select count(*) from public.channel_watches where server_id = p_server_id and stopped_at is null
        ) >= v_limit then jsonb_build_object('outcome', 'too_many_watches', 'limit', v_limit)
    end;
end
$$;

-- Give what the drops of some watches have paid: {drops, open_drops, claims, amount}.
create function internal.paid_by_watches(p_watch_ids uuid[])
returns table (watch_id uuid, paid jsonb)
language plpgsql stable
as $$
begin
    return query
    select d.watch_id, jsonb_build_object(
        'drops', count(*),
        'open_drops', count(*) filter (where d.ended_at is null),
        'claims', coalesce(sum(claimed.claims), 0),
        'amount', coalesce(sum(claimed.amount), 0)
    )
    from public.discord_drops as d
    left join lateral (
        select count(*) as claims, sum(c.reward_amount) as amount
        from public.discord_drop_claims as c where c.drop_id = d.drop_id
    ) as claimed on d.claims_count > 0
    where d.watch_id = any (p_watch_ids)
    group by d.watch_id;
end
$$;

-- Give why new drops of a watch would pay nobody: brand_disabled, event_not_found {event}, event_disabled {event},
-- channel_excluded, limit_reached or total_limit_reached {event, limit}; else NULL. Of a watched thread's parents
-- nothing is known.
create function internal.watch_problem(
    p_server public.discord_server_configs,
    p_channel_id text,
    p_event_type text,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_rule public.monitoring_rules;
    v_place internal.caller;
begin
    select * into v_rule from internal.rule(p_server.brand_id, p_server.server_id, p_event_type);
    v_place.channel_id := p_channel_id;
    return coalesce(internal.brand_refusal(p_server.brand_id), case
        when v_rule.id is null then jsonb_build_object('outcome', 'event_not_found', 'event', p_event_type)
        when v_rule.is_enabled is false
            then jsonb_build_object('outcome', 'event_disabled', 'event', internal.event_name(v_rule))
        else coalesce(
            internal.place_refusal(v_place, p_server.config_metadata),
            internal.limit_refusal(v_rule, p_server.server_id, 0, null, p_now)
        )
    end);
end
$$;
