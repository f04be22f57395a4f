-- Switch test mode on or off: while it is on, only admins and the members with the role earn; without a role, only
-- admins.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; everyone_no_tester.
create function public.set_test_mode(
    p_caller internal.caller,
    p_enabled boolean,
    p_role_id text default null,
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
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'everyone_no_tester'));
    end if;
    return internal.change_settings(
        p_caller,
        v_current.settings,
        jsonb_build_object(
            'test_mode',
            coalesce(v_current.settings -> 'test_mode', '{}') - 'role'
                || jsonb_strip_nulls(jsonb_build_object('enabled', p_enabled, 'role', p_role_id))
        ),
        p_now
    );
end
$$;
