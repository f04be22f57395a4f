-- Give everybody with a role a level: 4 full admin, 3 event manager, 2 perk manager, 1 viewer.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; everyone_no_admin.
create function public.set_admin_role(
    p_caller internal.caller,
    p_role_id text,
    p_level integer,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_current record;
begin
    v_current := internal.lock_settings_to_change(p_caller, p_now);
    if v_current.answer is not null then
        return v_current.answer;
    elsif p_role_id = p_caller.server_id then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'everyone_no_admin'));
    end if;
    return internal.change_settings(
        p_caller,
        v_current.settings,
        jsonb_build_object(
            'admin_roles',
            coalesce(v_current.settings -> 'admin_roles', '{}') || jsonb_build_object(p_role_id, p_level)
        ),
        p_now
    );
end
$$;
