-- Looks at the channels that have reaction drops or a watch, for functions/collect_reactions.py.
--
-- A channel is leased to one run, which looks at its messages. Where a message shows other counts than at the last look,
-- the drop's reaction list is read as a whole (public.claim_reactions); reaction_looks says how far.

-- Tell whether there may be reactions to collect: then expire_drops leaves half of Discord's limit to collect_reactions.
create function internal.collects_reactions() returns boolean
language plpgsql stable
as $$
begin
    if to_regclass('public.channel_watches') is null then
        return false;
    end if;
    return exists (select from public.discord_drops where drop_type = 'reaction' and not is_collected)
        or exists (select from public.channel_watches where stopped_at is null);
end
$$;

-- Tell whether those who react to a drop are paid still: it is open, or its time or an admin has ended it and its list,
-- whose last reading is given, has not been read since.
create function internal.drop_pays_reactions(
    p_drop public.discord_drops,
    p_look_started_at timestamptz,
    p_look_finished_at timestamptz
) returns boolean
language plpgsql immutable
as $$
begin
    return p_drop.ended_at is null
        or p_drop.end_reason in ('expired', 'ended') and not p_drop.is_collected
        and not coalesce(p_look_finished_at is not null and p_look_started_at >= p_drop.ended_at, false);
end
$$;

-- Clean up: mark drops that are over and never had a message as collected, delete refusals that are older than a day, and
-- channels that have neither a drop nor a watch. Skip rows that others have locked.
create function internal.forget_reactions(p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    update public.discord_drops set is_collected = true
    where drop_id = any (array(
        select drop_id from public.discord_drops
        where drop_type = 'reaction' and not is_collected and ended_at is not null
            and (emoji is null or message_id is null or message_id !~ '^[0-9]{1,20}$' or channel_id is null)
        for no key update skip locked
    ));
    delete from public.reaction_refusals where ctid = any (array(
        select ctid from public.reaction_refusals where refused_at < p_now - interval '1 day'
        limit 10000
        for update skip locked
    ));
    delete from public.reaction_channels where ctid = any (array(
        select c.ctid from public.reaction_channels as c
        where leased_until <= p_now
            and not exists (
                select from public.discord_drops as d
                where d.drop_type = 'reaction' and not d.is_collected and d.channel_id = c.channel_id
            )
            and not exists (
                select from public.channel_watches as w where w.stopped_at is null and w.channel_id = c.channel_id
            )
        for update skip locked
    ));
end
$$;

-- Lease for 70 seconds up to p_limit channels whose turn it is, with at most some 5,000 drops, and give their ids in the
-- order in which they are looked at. Their turn: they have waited long enough, or something is over or was never looked
-- at there, unless Discord refuses us. The order: one channel of each server, then the second of each, and so on, so that
-- a server with many delays no other; of a server those that have waited longest.
create function internal.lease_channels(p_limit integer, p_now timestamptz) returns text[]
language plpgsql volatile
as $$
declare
    v_channels text[];
begin
    with work as (
        select d.channel_id, d.server_id, count(*) as drops,
            bool_or(d.ended_at is not null or l.drop_id is null) as is_urgent
        from public.discord_drops as d
        left join public.reaction_looks as l using (drop_id)
        where d.drop_type = 'reaction' and not d.is_collected and d.emoji is not null
            and d.channel_id ~ '^[0-9]{1,20}$' and d.message_id ~ '^[0-9]{1,20}$'
        group by 1, 2
        union all
        select w.channel_id, w.server_id, 1, false
        from public.channel_watches as w
        join public.discord_server_configs as s using (server_id)
        where w.stopped_at is null and s.is_active is not false
    ), due as (
        select channel_id, least(drops, 1000) as drops, next_look_at, row_number() over (
            partition by server_id order by next_look_at nulls first, channel_id
        ) as place
        from (
            select channel_id, min(server_id) as server_id, sum(drops) as drops, bool_or(is_urgent) as is_urgent
            from work
            group by 1
        ) as w
        left join public.reaction_channels as c using (channel_id)
        where c.channel_id is null
            or c.leased_until <= p_now and (c.next_look_at <= p_now or w.is_urgent and c.refusals = 0)
    ), next as (
        select channel_id, row_number() over turns as turn, sum(drops) over turns as drops_so_far
        from due
        window turns as (order by place, next_look_at nulls first, channel_id)
        order by turn
        limit p_limit
    ), leased as (
        insert into public.reaction_channels as c (channel_id, leased_until, next_look_at)
        select channel_id, p_now + interval '70 seconds', p_now from next
        where drops_so_far <= 6000 -- the first channel has 1,000 at most
        order by channel_id -- in one order, so that two runs cannot deadlock
        on conflict (channel_id) do update set leased_until = excluded.leased_until
        where c.leased_until <= p_now -- another run may have leased it since
        returning channel_id
    )
    select coalesce(array_agg(channel_id order by turn), '{}') into v_channels from leased join next using (channel_id);
    return v_channels;
end
$$;

-- Give a leased channel: {channel_id, server_id, needs_place: a payment depends on what the channel belongs to, watch:
-- internal.watch_place with has_event (else its messages are passed), NULL where there is none, drops:
-- [internal.look_facts], 1,000 at most: those that are over, then any}.
create function internal.channel_facts(p_channel_id text, p_now timestamptz) returns jsonb
language plpgsql volatile
as $$
declare
    v_drops jsonb;
    v_watch record;
    v_server public.discord_server_configs;
begin
    select jsonb_agg(facts), min(server_id) into v_drops, v_server.server_id
    from (
        select d.server_id, internal.look_facts(d, to_jsonb(l), p_now) as facts
        from public.discord_drops as d
        left join public.reaction_looks as l using (drop_id)
        where d.drop_type = 'reaction' and not d.is_collected and d.emoji is not null
            and d.channel_id = p_channel_id and d.message_id ~ '^[0-9]{1,20}$'
        order by d.ended_at is null, l.finished_at is not null, random()
        limit 1000
    ) as drops;
    select * into v_watch from public.channel_watches where channel_id = p_channel_id and stopped_at is null;
    select * into v_server from public.discord_server_configs
    where server_id = coalesce(v_watch.server_id, v_server.server_id);
    return jsonb_build_object(
        'channel_id', p_channel_id,
        'server_id', v_server.server_id,
        'needs_place', coalesce(v_server.config_metadata -> 'excluded_channels', '[]') <> '[]',
        'watch', case when v_watch.watch_id is not null and v_server.is_active is not false then
            internal.watch_place(to_jsonb(v_watch)) || jsonb_build_object('has_event', exists (
                select from internal.rule(v_server.brand_id, v_server.server_id, v_watch.event_id)
            ))
        end,
        'drops', coalesce(v_drops, '[]')
    );
end
$$;

-- Tell whether what a member gets depends on their roles.
create function internal.reward_needs_roles(p_settings jsonb) returns boolean
language sql immutable
as $$
    select coalesce(p_settings -> 'role_bonuses', '{}') <> '{}'
        or coalesce((p_settings #>> '{test_mode,enabled}')::boolean, false)
$$;

-- Give what a run must know of a drop: {drop_id, message_id, emoji, is_own_message, is_over, must_read: whatever its
-- message shows, look: the number of its last reading, is_cut: which goes on at {is_super, after_id}, normal_count,
-- super_count: as at the last reading, NULL if there was none}.
create function internal.look_facts(p_drop public.discord_drops, p_look jsonb, p_now timestamptz) returns jsonb
language plpgsql immutable
as $$
declare
    v_started_at timestamptz := p_look ->> 'started_at';
    v_finished_at timestamptz := p_look ->> 'finished_at';
    v_is_over boolean := p_drop.ended_at is not null;
begin
    return jsonb_build_object(
        'drop_id', p_drop.drop_id,
        'message_id', p_drop.message_id,
        'emoji', p_drop.emoji,
        'is_own_message', p_drop.is_own_message,
        'is_over', v_is_over,
        'must_read', case
            when v_is_over then internal.drop_pays_reactions(p_drop, v_started_at, v_finished_at)
            else coalesce(
                v_started_at is not null and v_finished_at is null
                or p_drop.expires_at is null and v_started_at < p_now - interval '1 hour',
                false
            )
        end,
        'look', coalesce((p_look ->> 'look')::integer, 0),
        -- a reading that began before the end is not the last one
        'is_cut', v_started_at is not null and v_finished_at is null
            and (not v_is_over or v_started_at >= p_drop.ended_at),
        'is_super', p_look -> 'is_super',
        'after_id', p_look -> 'after_id',
        'normal_count', p_look -> 'normal_count',
        'super_count', p_look -> 'super_count'
    );
end
$$;

-- How long to wait until a channel is looked at again after so many looks in a row at which nothing had happened: until
-- the next run, which is a minute, then 2, 5 and 15 minutes. A bit less, so that a run that begins a moment early does
-- not wait for the next one.
create function internal.look_delay(p_quiet_looks integer) returns interval
language sql immutable
as $$
    select case
        when p_quiet_looks < 5 then interval '0'
        when p_quiet_looks < 10 then interval '1 minute 45 seconds'
        when p_quiet_looks < 15 then interval '4 minutes 45 seconds'
        else interval '14 minutes 45 seconds'
    end
$$;

-- Store how far a reading of a drop's list has come; p_moves: the place at which it goes on has changed.
create function internal.store_look(
    p_drop_id uuid,
    p_look integer,
    p_started_at timestamptz,
    p_counts jsonb,
    p_is_super boolean,
    p_after_id text,
    p_moves boolean,
    p_finished_at timestamptz
) returns void
language plpgsql volatile
as $$
begin
    insert into public.reaction_looks as l
        (drop_id, look, started_at, finished_at, is_super, after_id, normal_count, super_count)
    values
        (p_drop_id, p_look, p_started_at, p_finished_at, p_moves and p_is_super,
            case when p_moves then p_after_id else '0' end, (p_counts ->> 'normal')::integer,
            (p_counts ->> 'super')::integer)
    on conflict (drop_id) do update
    set look = p_look,
        started_at = case when l.look = p_look then l.started_at else p_started_at end,
        finished_at = p_finished_at,
        is_super = case when p_moves or l.look < p_look then excluded.is_super else l.is_super end,
        after_id = case when p_moves or l.look < p_look then excluded.after_id else l.after_id end,
        normal_count = case when l.look = p_look then l.normal_count else excluded.normal_count end,
        super_count = case when l.look = p_look then l.super_count else excluded.super_count end;
end
$$;

-- Store that reaction lists were empty, [{drop_id, look, started_at, normal_count, super_count}], which the message told
-- without a reading. A look counts from its beginning, not from this call: who has reacted since is for a later one.
create function internal.mark_seen(p_seen jsonb, p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    insert into public.reaction_looks as l (drop_id, look, started_at, finished_at, normal_count, super_count)
    select s.drop_id, s.look, s.started_at, p_now, s.normal_count, s.super_count
    from jsonb_to_recordset(p_seen) as s (
        drop_id uuid, look integer, started_at timestamptz, normal_count integer, super_count integer
    )
    where exists (select from public.discord_drops as d where d.drop_id = s.drop_id and d.ended_at is null)
    order by s.drop_id
    on conflict (drop_id) do update
    set look = excluded.look,
        started_at = excluded.started_at,
        finished_at = excluded.finished_at,
        normal_count = excluded.normal_count,
        super_count = excluded.super_count
    where l.look < excluded.look and l.finished_at is not null;
end
$$;

-- Forget what was kept to collect the reactions of these drops, whose rows are locked.
create function internal.mark_collected(p_drop_ids uuid[]) returns void
language plpgsql volatile
as $$
begin
    update public.discord_drops set is_collected = true where drop_id = any (p_drop_ids);
    delete from public.drop_reactors where ctid = any (array(
        select ctid from public.drop_reactors where drop_id = any (p_drop_ids)
        order by drop_id, discord_user_id
        for update
    ));
    delete from public.reaction_looks where ctid = any (array(
        select ctid from public.reaction_looks where drop_id = any (p_drop_ids) order by drop_id for update
    ));
end
$$;
