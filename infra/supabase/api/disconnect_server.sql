-- Disconnect a server from its brand. Keep what members have earned, the events and the settings for a reconnection.
-- Its open drops end with it (migration 013).
-- Outcomes: disconnected {brand_id, ended_drops}; not_allowed; server_not_connected.
create function public.disconnect_server(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.admin_refusal(p_caller);
    v_server public.discord_server_configs;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    select * into v_server from public.discord_server_configs where server_id = p_caller.server_id for update;
    if not internal.has_done(p_caller, 'server.updated') then
        if v_server.server_id is null or v_server.is_active is false then
            return jsonb_build_object('outcome', 'server_not_connected');
        end if;
        perform internal.set_audit_actor(p_caller, p_now);
        update public.discord_server_configs set is_active = false where server_id = p_caller.server_id;
    end if;
    return jsonb_build_object('outcome', 'disconnected', 'brand_id', v_server.brand_id, 'ended_drops', (
        select count(*) from public.discord_drops
        where server_id = p_caller.server_id and end_reason = 'server_left'
            and ended_at = internal.done_at(p_caller, 'server.updated')
    ));
end
$$;
