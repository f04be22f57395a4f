-- Disconnect a server from its brand. Keep what members have earned, the events and the settings for a reconnection.
-- Its open drops end with it (migration 013).
-- Outcomes: disconnected {brand_id, ended_drops}; not_allowed; server_not_connected.
create function public.disconnect_server(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    update public.discord_server_configs set is_active = false where server_id = p_caller.server_id;
    return internal.keep_answer(p_caller, jsonb_build_object(
        'outcome', 'disconnected',
        'brand_id', (v_access.server).brand_id,
        'ended_drops', (
            select count(*) from public.discord_drops
            where server_id = p_caller.server_id and end_reason = 'server_left' and ended_at = p_now
        )
    ));
end
$$;
