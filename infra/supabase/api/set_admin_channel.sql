-- Sets the channel for notices to admins; NULL for none.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected.
create function public.set_admin_channel(
    p_caller internal.caller,
    p_channel_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_open record;
begin
    v_open := internal.settings_to_change(p_caller, p_now);
    return coalesce(v_open.answer, internal.change_settings(
        p_caller, v_open.settings, jsonb_build_object('admin_channel', p_channel_id), p_now
    ));
end
$$;
