-- Take a role's level away; the role may have been deleted in Discord.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; admin_role_unknown {role}.
create function public.remove_admin_role(
    p_caller internal.caller,
    p_role_id text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
begin
    return internal.remove_setting(
        p_caller, 'admin_roles', p_role_id, jsonb_build_object('outcome', 'admin_role_unknown', 'role', p_role_id), p_now
    );
end
$$;
