-- Take a role's bonus away; the role may have been deleted in Discord.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; role_bonus_unknown {role}.
create function public.remove_role_bonus(
    p_caller internal.caller,
    p_role_id text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
begin
    return internal.remove_setting(
        p_caller, 'role_bonuses', p_role_id, jsonb_build_object('outcome', 'role_bonus_unknown', 'role', p_role_id), p_now
    );
end
$$;
