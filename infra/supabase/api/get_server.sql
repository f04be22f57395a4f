-- Give the state of a server's connection, for an admin.
-- Outcomes: server {brand_id, is_brand_active, server_name, events, open_drops, members, distributed, changed_by_command
-- and changed_otherwise (internal.last_event_change), event_problems (internal.event_problems)}; not_allowed;
-- server_not_connected.
create function public.get_server(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
begin
    v_access := internal.authorize_admin(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    return jsonb_build_object(
        'outcome', 'server',
        'brand_id', (v_access.server).brand_id,
        'is_brand_active', internal.brand_refusal((v_access.server).brand_id) is null,
        'server_name', (v_access.server).server_name,
        'events', internal.events_of(v_access.server),
        'open_drops', (
            select count(*) from public.discord_drops as d
            where d.server_id = p_caller.server_id and d.ended_at is null and internal.drop_end_reason(d, p_now) is null
        ),
        'members', (
            select count(*) from public.discord_user_stats where server_id = p_caller.server_id and rsnc_total > 0
        ),
        'distributed', (
            select coalesce(sum(rsnc_total), 0) from public.discord_user_stats where server_id = p_caller.server_id
        ),
        'changed_by_command', internal.last_event_change(v_access.server, true),
        'changed_otherwise', internal.last_event_change(v_access.server, false),
        'event_problems', internal.event_problems(v_access.server)
    );
end
$$;
