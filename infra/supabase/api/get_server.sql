-- The state of a server's connection, for an admin.
-- Outcomes: server {brand_id, server_name, events, open_drops, members, distributed}; not_allowed;
-- server_not_connected.
create function public.get_server(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_refusal jsonb := internal.admin_refusal(p_caller);
    v_server public.discord_server_configs;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    select * into v_server from public.discord_server_configs
    where server_id = p_caller.server_id and is_active is not false;
    if not found then
        return jsonb_build_object('outcome', 'server_not_connected');
    end if;
    return jsonb_build_object(
        'outcome', 'server',
        'brand_id', v_server.brand_id,
        'server_name', v_server.server_name,
        'events', internal.events_of(v_server),
        'open_drops', (
            select count(*) from public.discord_drops
            where server_id = p_caller.server_id and ended_at is null and (expires_at is null or expires_at > p_now)
        ),
        'members', (
            select count(*) from public.discord_user_stats where server_id = p_caller.server_id and rsnc_total > 0
        ),
        'distributed', (
            select coalesce(sum(rsnc_total), 0) from public.discord_user_stats where server_id = p_caller.server_id
        )
    );
end
$$;
