-- Give a role a bonus on every reward; of a role that has one, keep what is NULL.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; everyone_without_bonus (Discord does
-- not list the role @everyone among a member's); role_bonus_empty {role}.
create function public.set_role_bonus(
    p_caller internal.caller,
    p_role_id text,
    p_multiplier numeric default null,
    p_flat numeric default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_current record;
    v_bonuses jsonb;
    v_bonus jsonb;
begin
    v_current := internal.lock_settings_to_change(p_caller, p_now);
    if v_current.answer is not null then
        return v_current.answer;
    elsif p_role_id = p_caller.server_id then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'everyone_without_bonus'));
    end if;
    v_bonuses := coalesce(v_current.settings -> 'role_bonuses', '{}');
    v_bonus := coalesce(v_bonuses -> p_role_id, '{}')
        || jsonb_strip_nulls(jsonb_build_object('multiplier', p_multiplier, 'flat', p_flat));
    if v_bonus = '{}' then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'role_bonus_empty', 'role', p_role_id));
    end if;
    return internal.change_settings(
        p_caller,
        v_current.settings,
        jsonb_build_object('role_bonuses', v_bonuses || jsonb_build_object(p_role_id, v_bonus)),
        p_now
    );
end
$$;
