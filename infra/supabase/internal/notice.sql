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
-- number, notice], up to 100, the oldest first, more: how many there are beside these}.
create function internal.waiting_notices(p_server_id text, p_channel_id text) returns jsonb
language plpgsql stable
as $$
begin
    return (
        select jsonb_build_object(
            'server_id', p_server_id,
            'channel_id', p_channel_id,
            'notices', jsonb_agg(facts || jsonb_build_object('notice', notice_id) order by notice_id)
                filter (where place <= 100),
            'more', greatest(count(*) - 100, 0)
        )
        from (
            select notice_id, row_number() over (order by notice_id) as place,
                internal.notice_facts(audit_id, drop_id, watch_id) as facts
            from public.admin_notices
            where server_id = p_server_id and internal.is_notice_ready(drop_id)
        ) as waiting
    );
end
$$;

-- Give what people read of a notice: {audit: internal.audit_facts}, {drop: internal.drop_facts, paid: {claims, amount}},
-- {watched: the channel of the watch that made the drop, paid} or {watch: {channel_id, reason}}; {} where the thing is
-- gone or over.
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
            select jsonb_build_object('paid', internal.drop_paid(drop_id)) || case
                when w.watch_id is null then jsonb_build_object('drop', internal.drop_facts(d, null))
                else jsonb_build_object('watched', w.channel_id)
            end
            from public.discord_drops as d left join public.channel_watches as w using (watch_id)
            where drop_id = p_drop_id
        )
        else (
            select jsonb_build_object('watch', jsonb_build_object('channel_id', channel_id, 'reason', pause_reason))
            from public.channel_watches where watch_id = p_watch_id and paused_at is not null
        )
    end, '{}');
end
$$;
