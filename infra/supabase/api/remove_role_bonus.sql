-- Takes a role's bonus away; the role may have been deleted in Discord.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; role_bonus_unknown {role}.
create function public.remove_role_bonus(
    p_caller internal.caller,
    p_role_id text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_open record;
begin
    v_open := internal.settings_to_change(p_caller, p_now);
    if v_open.answer is not null then
        return v_open.answer;
    elsif not coalesce(v_open.settings -> 'role_bonuses' ? p_role_id, false) then
        return jsonb_build_object('outcome', 'role_bonus_unknown', 'role', p_role_id);
    end if;
    return internal.change_settings(
        p_caller,
        v_open.settings,
        jsonb_build_object('role_bonuses', (v_open.settings -> 'role_bonuses') - p_role_id),
        p_now
    );
end
$$;
