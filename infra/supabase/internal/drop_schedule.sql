-- The steps of public.expire_drops and public.mark_drops_rendered.

-- Close up to p_batch drops that have expired, and give how many. Skip those that another run is closing.
create function internal.close_expired_drops(p_batch integer, p_now timestamptz) returns integer
language plpgsql volatile
as $$
declare
    v_closed integer;
begin
    update public.discord_drops as d
    set ended_at = expires_at, end_reason = 'expired', is_settled = not internal.drop_has_message(d)
    where drop_id = any (array( -- an array, so that the planner uses the index whatever size it estimates
        select drop_id from public.discord_drops
        where ended_at is null and expires_at <= p_now
        order by expires_at
        limit p_batch
        for no key update skip locked
    ));
    get diagnostics v_closed = row_count;
    return v_closed;
end
$$;

-- Close the drops that could not be posted within four minutes. Discord recognises a repeated nonce for about five
-- (https://discord.com/developers/docs/resources/message#create-message); the posting run may take a minute of that.
-- Skip rows that another run has locked, so that two runs cannot deadlock.
create function internal.close_unposted_drops(p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    update public.discord_drops
    set ended_at = p_now, end_reason = 'not_posted', is_settled = true
    where drop_id = any (array(
        select drop_id from public.discord_drops
        where not is_settled and message_id is null and drop_type is not null and channel_id is not null
            and ended_at is null and render_after <= p_now and created_at < p_now - interval '4 minutes'
            and internal.drop_is_shown(discord_drops)
        for no key update skip locked
    ));
end
$$;

-- Tell whether the message of a drop is behind its row and nobody has it leased.
create function internal.drop_awaits_render(p_drop public.discord_drops, p_now timestamptz) returns boolean
language sql immutable
as $$
    select not p_drop.is_settled and p_drop.render_after <= p_now and p_drop.rendered_revision < p_drop.revision
$$;

-- Lease for two minutes up to p_limit drops whose messages are behind, and give them as [internal.post_facts]. Take one
-- of each channel, then the second of each, and so on; in a channel the posts first, which cannot wait for long, then
-- the final states. Leave out what names no place at Discord (see internal.drop_has_message).
create function internal.lease_drops(p_limit integer, p_now timestamptz) returns jsonb
language plpgsql volatile
as $$
declare
    v_drops jsonb;
begin
    with behind as (
        select drop_id, urgency, row_number() over (
            partition by channel_id collate "C" order by urgency, ended_at, render_after
        ) as place
        from public.discord_drops as d
        cross join lateral (
            select case when message_id is null then 1 when ended_at is not null then 2 else 3 end as urgency
        ) as u
        where internal.drop_awaits_render(d, p_now) and internal.drop_is_shown(d)
            and channel_id ~ '^[0-9]{1,20}$' and (message_id is null or message_id ~ '^[0-9]{1,20}$')
    ), taken as (
        select locked.drop_id
        from (select drop_id from behind order by urgency, place) as b
        cross join lateral (
            select drop_id from public.discord_drops as d
            -- check the current row: another run may have leased or rendered it since
            where d.drop_id = b.drop_id and internal.drop_awaits_render(d, p_now)
            for no key update skip locked
        ) as locked
        limit p_limit
    ), leased as (
        update public.discord_drops as d
        set render_after = p_now + interval '2 minutes'
        from taken
        where d.drop_id = taken.drop_id
        returning d.*
    )
    select coalesce(
        jsonb_agg(
            internal.post_facts(leased, rule.reward_amount)
            order by leased.message_id is not null, leased.ended_at, leased.drop_id
        ),
        '[]'
    ) into v_drops
    from leased
    left join public.discord_server_configs as server on server.server_id = leased.server_id
    left join lateral internal.rule(server.brand_id, server.server_id, leased.event_id) as rule on true;
    return v_drops;
end
$$;

-- Note of which drops, [{drop_id, is_lost}], the message was posted without the pictures that it was to have.
create function internal.note_lost_pictures(p_rendered jsonb) returns void
language plpgsql volatile
as $$
begin
    if p_rendered @? '$[*] ? (@.is_lost == true)' then -- only a drop with a look has some: migration 024 is there
        update public.discord_drops as d
        set look = d.look || '{"is_lost": true}'
        from jsonb_to_recordset(p_rendered) as r (drop_id uuid, is_lost boolean)
        where d.drop_id = r.drop_id and r.is_lost and d.look is not null;
    end if;
end
$$;

-- Forget the previews that nobody can post any more.
create function internal.forget_previews(p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    if to_regclass('public.drop_previews') is not null then -- migration 024 adds it
        delete from public.drop_previews where preview_id in (
            select preview_id from public.drop_previews where expires_at <= p_now limit 1000 for update skip locked
        );
    end if;
end
$$;

-- Store that messages show their drops, as a list of {drop_id, revision, message_id, is_lost: it has not the pictures that
-- it was to have}, and give how many.
create function internal.mark_rendered(p_rendered jsonb, p_now timestamptz) returns integer
language plpgsql volatile
as $$
declare
    v_rendered integer;
begin
    update public.discord_drops as d
    set rendered_revision = greatest(d.rendered_revision, r.revision),
        message_id = coalesce(r.message_id, d.message_id),
        -- Posted after it ended: the drop had been settled without a message and now needs an edit. A mark may also
        -- come late, after a newer one.
        is_settled = case
            when d.is_settled and d.message_id is null and r.message_id is not null then r.revision >= d.revision
            else d.is_settled or d.ended_at is not null and greatest(d.rendered_revision, r.revision) >= d.revision
        end,
        render_after = p_now,
        render_attempts = 0
    from jsonb_to_recordset(p_rendered) as r (drop_id uuid, revision integer, message_id text)
    where d.drop_id = r.drop_id;
    get diagnostics v_rendered = row_count;
    perform internal.allow_next_edit(p_rendered, p_now);
    perform internal.note_lost_pictures(p_rendered);
    return v_rendered;
end
$$;

-- Close the drops, [{drop_id}], whose message or channel is gone, and give how many.
create function internal.close_gone_drops(p_gone jsonb, p_now timestamptz) returns integer
language plpgsql volatile
as $$
declare
    v_gone integer;
begin
    update public.discord_drops as d
    set ended_at = coalesce(d.ended_at, p_now),
        end_reason = coalesce(d.end_reason, 'message_deleted'),
        is_settled = true
    from jsonb_to_recordset(p_gone) as g (drop_id uuid)
    where d.drop_id = g.drop_id;
    get diagnostics v_gone = row_count;
    return v_gone;
end
$$;

-- How long to wait after so many failures in a row: 1 minute, 2, 4, and so on up to six hours.
create function internal.render_delay(p_attempts integer) returns interval
language sql immutable
as $$
    select pg_catalog.make_interval(mins => least(2 ^ least(p_attempts, 9), 360)::integer)
$$;
