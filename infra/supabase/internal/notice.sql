-- What the admins of a server are told in their admin channel (migration 023 adds its tables).

-- Tell whether there is anything to tell admins.
create function internal.has_notices() returns boolean
language plpgsql stable
as $$
begin
    if to_regclass('public.admin_notices') is null then
        return false;
    end if;
    return exists (select from public.admin_notices);
end
$$;

-- Take the turn to tell a server's admins, for two minutes; false if another run has it or they were told just now.
create function internal.take_notice_turn(p_server_id text, p_now timestamptz) returns boolean
language plpgsql volatile
as $$
begin
    insert into public.notified_servers as n (server_id, next_at) values (p_server_id, p_now + interval '2 minutes')
    on conflict (server_id) do update set next_at = excluded.next_at where n.next_at <= p_now;
    return found;
end
$$;

-- Tell whether a notice can be told: a reaction drop pays until its last reactions are collected.
create function internal.is_notice_ready(p_drop_id uuid) returns boolean
language plpgsql stable
as $$
begin
    return p_drop_id is null or not exists (
        select from public.discord_drops where drop_id = p_drop_id and drop_type = 'reaction' and not is_collected
    );
end
$$;

-- Give what the admins of a server are to be told now: {server_id, channel_id, notices: [internal.notice_facts with its
-- number, notice], up to 100, the oldest first, and internal.watched_notices, more: how many there are beside these}.
create function internal.waiting_notices(p_server_id text, p_channel_id text) returns jsonb
language plpgsql stable
as $$
declare
    v_notices bigint[] := array(
        select n.notice_id
        from public.admin_notices as n left join public.discord_drops as d using (drop_id)
        where n.server_id = p_server_id and d.watch_id is null and internal.is_notice_ready(n.drop_id)
        order by n.notice_id
    );
begin
    return jsonb_build_object(
        'server_id', p_server_id,
        'channel_id', p_channel_id,
        'notices', coalesce((
            select jsonb_agg(
                internal.notice_facts(audit_id, drop_id, watch_id) || jsonb_build_object('notice', notice_id)
                order by notice_id
            )
            from public.admin_notices where notice_id = any (v_notices[:100])
        ), '[]') || internal.watched_notices(p_server_id),
        'more', greatest(cardinality(v_notices) - 100, 0)
    );
end
$$;

-- Give what the drops of each watched channel have paid that are over, as a list of notices: {watched: its id, paid:
-- {drops, claims, amount}, notice: the last one, notices: all of them, up to 1,000}. A busy channel ends many a minute.
create function internal.watched_notices(p_server_id text) returns jsonb
language plpgsql stable
as $$
begin
    return coalesce((
        select jsonb_agg(facts order by facts -> 'notice')
        from (
            select jsonb_build_object(
                'watched', channel_id,
                'paid', jsonb_build_object('drops', count(*), 'claims', sum(claims), 'amount', sum(amount)),
                'notice', max(notice_id),
                'notices', jsonb_agg(notice_id)
            ) as facts
            from (
                select n.notice_id, coalesce(w.channel_id, d.channel_id) as channel_id,
                    (paid.facts ->> 'claims')::integer as claims, (paid.facts ->> 'amount')::numeric as amount
                from public.admin_notices as n
                join public.discord_drops as d using (drop_id)
                left join public.channel_watches as w on w.watch_id = d.watch_id
                cross join internal.drop_paid(d.drop_id) as paid (facts)
                where n.server_id = p_server_id and d.watch_id is not null and d.is_collected
                order by n.notice_id
                limit 1000
            ) as ended
            group by channel_id
        ) as channels
    ), '[]');
end
$$;

-- Give what people read of a notice: {audit: internal.audit_facts}, {drop: internal.drop_facts, paid: {claims, amount}}
-- or {watch: {channel_id, reason}}; {} where the thing is gone or over.
create function internal.notice_facts(p_audit_id bigint, p_drop_id uuid, p_watch_id uuid) returns jsonb
language plpgsql stable
as $$
begin
    return coalesce(case
        when p_audit_id is not null then (
            select jsonb_build_object('audit', internal.audit_facts(a))
            from public.discord_audit_log as a where id = p_audit_id
        )
        when p_drop_id is not null then (
            select jsonb_build_object('drop', internal.drop_facts(d, null), 'paid', internal.drop_paid(drop_id))
            from public.discord_drops as d where drop_id = p_drop_id
        )
        else (
            select jsonb_build_object('watch', jsonb_build_object('channel_id', channel_id, 'reason', pause_reason))
            from public.channel_watches where watch_id = p_watch_id and paused_at is not null
        )
    end, '{}');
end
$$;
