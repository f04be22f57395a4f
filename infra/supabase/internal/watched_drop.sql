-- The drops that a watch makes of a channel's new messages.

-- Give what a run must know of a watch: {watch_id, emoji, authors, author_role_id, is_forum, last_message_id}.
create function internal.watch_place(p_watch jsonb) returns jsonb
language sql immutable
as $$
    select pg_catalog.jsonb_build_object(
        'watch_id', p_watch -> 'watch_id',
        'emoji', p_watch -> 'emoji',
        'authors', p_watch -> 'authors',
        'author_role_id', p_watch -> 'author_role_id',
        'is_forum', p_watch -> 'is_forum',
        'last_message_id', p_watch -> 'last_message_id'
    )
$$;

-- Make drops of a watch's messages, [{message_id, channel_id}], and give how many: none of a message that is one. End
-- the oldest where there are too many.
create function internal.add_drops_of_watch(
    p_watch record, -- of channel_watches
    p_rule public.monitoring_rules,
    p_messages jsonb,
    p_now timestamptz
) returns integer
language plpgsql volatile
as $$
declare
    v_added integer;
begin
    insert into public.discord_drops
        (drop_id, server_id, event_id, drop_type, channel_id, message_id, emoji, expires_at, created_by, created_at,
            reward_amount, title, watch_id, rendered_revision)
    select gen_random_uuid(), p_watch.server_id, p_watch.event_id, 'reaction', m.channel_id, m.message_id,
        p_watch.emoji, p_now + make_interval(secs => p_watch.lifespan_seconds), p_watch.created_by, p_now,
        p_watch.reward_amount, internal.event_name(p_rule), p_watch.watch_id, 1
    from jsonb_to_recordset(p_messages) as m (message_id text, channel_id text)
    where not exists (
        select from public.discord_drops as d
        where d.drop_type = 'reaction' and not d.is_collected and d.channel_id = m.channel_id
            and d.message_id = m.message_id
    )
    order by m.message_id
    on conflict (message_id) where watch_id is not null do nothing;
    get diagnostics v_added = row_count;
    perform internal.end_older_drops(p_watch.watch_id, p_now);
    return v_added;
end
$$;

-- End a watch's open drops but the newest thousand, as many as one look at a channel takes: a channel with a message a
-- second must not take all requests from the others. Skip those that others hold, for the next call to end.
create function internal.end_older_drops(p_watch_id uuid, p_now timestamptz) returns void
language plpgsql volatile
as $$
declare
    v_older uuid[] := array(
        select drop_id from public.discord_drops where watch_id = p_watch_id and ended_at is null
        order by message_id::numeric desc
        offset 1000
    );
begin
    update public.discord_drops
    set ended_at = least(expires_at, p_now), end_reason = 'expired', is_settled = true
    where drop_id = any (array(
        select drop_id from public.discord_drops where drop_id = any (v_older) and ended_at is null
        for no key update skip locked
    ));
end
$$;

-- Pause the watches of these channels, [{channel_id, problem}], until they can be read again.
create function internal.pause_watches(p_refused jsonb, p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    update public.channel_watches as w
    set paused_at = coalesce(w.paused_at, p_now), pause_reason = r.problem
    from jsonb_to_recordset(p_refused) as r (channel_id text, problem text)
    where w.channel_id = r.channel_id and w.stopped_at is null and w.pause_reason is distinct from r.problem
        and w.watch_id = any (array(
            select watch_id from public.channel_watches
            where channel_id in (select item ->> 'channel_id' from jsonb_array_elements(p_refused) as item)
            order by watch_id
            for no key update
        ));
end
$$;

-- Let the watches of these channels, [{channel_id}], go on: the channels could be read. Whether the bot may react there
-- shows at the next message (public.add_watched_drops).
create function internal.resume_watches(p_looked jsonb) returns void
language plpgsql volatile
as $$
begin
    update public.channel_watches set paused_at = null, pause_reason = null
    where watch_id = any (array(
        select watch_id from public.channel_watches
        where channel_id in (select item ->> 'channel_id' from jsonb_array_elements(p_looked) as item)
            and stopped_at is null and pause_reason in ('channel_gone', 'channel_closed', 'no_history')
        order by watch_id
        for no key update
    ));
end
$$;
