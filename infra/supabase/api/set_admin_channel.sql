-- Set the channel for notices to admins; NULL for none.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected.
create function public.set_admin_channel(
    p_caller internal.caller,
    p_channel_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_current record;
begin
    v_current := internal.lock_settings_to_change(p_caller, p_now);
    return coalesce(v_current.answer, internal.change_settings(
        p_caller, v_current.settings, jsonb_build_object('admin_channel', p_channel_id), p_now
    ));
end
$$;
