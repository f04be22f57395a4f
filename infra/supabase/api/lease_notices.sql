-- Lease what the admins of up to p_limit servers have not been told yet; a lease lasts two minutes. A server comes at
-- most once a minute. A reaction drop that has ended is told when its last reactions are collected. Forget what nobody
-- can be told any more, and the drops of watches to which nobody reacted.
-- Gives {servers: [internal.waiting_notices]}.
create function public.lease_notices(p_limit integer default 100, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_server record;
    v_told jsonb := '[]';
begin
    if to_regclass('public.admin_notices') is null then -- migration 023 adds it
        return jsonb_build_object('servers', v_told);
    end if;
    delete from public.admin_notices where created_at < p_now - interval '1 day';
    delete from public.admin_notices as n using public.discord_drops as d -- that nobody reacted is usual
    where d.drop_id = n.drop_id and d.watch_id is not null and d.is_collected and d.claims_count = 0;
    for v_server in
        select waiting.server_id, s.config_metadata ->> 'admin_channel' as channel_id
        from (
            select distinct n.server_id from public.admin_notices as n where internal.is_notice_ready(n.drop_id)
        ) as waiting
        left join public.discord_server_configs as s on s.server_id = waiting.server_id and s.is_active is not false
        order by waiting.server_id
    loop
        exit when jsonb_array_length(v_told) >= p_limit;
        if v_server.channel_id is null then
            delete from public.admin_notices where server_id = v_server.server_id;
        elsif internal.take_notice_turn(v_server.server_id, p_now) then
            v_told := v_told || internal.waiting_notices(v_server.server_id, v_server.channel_id);
        end if;
    end loop;
    return jsonb_build_object('servers', v_told);
end
$$;
