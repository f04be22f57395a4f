-- An admin's change of a server's settings: authorize it under the lock of the server's row, make it, give the answer.

-- Give the settings that an admin is about to change, with the server's row locked, or the answer to return
-- instead (see internal.authorize_change).
create function internal.lock_settings_to_change(
    p_caller internal.caller,
    p_now timestamptz,
    out answer jsonb,
    out settings jsonb
)
language plpgsql volatile
as $$
declare
    v_access record;
begin
    v_access := internal.authorize_change(p_caller, p_now);
    answer := v_access.answer;
    settings := coalesce((v_access.server).config_metadata, '{}');
end
$$;

-- Replace the keys of the patch in a server's settings, remove those that are null in it, keep the answer and give it.
-- Outcomes: settings_changed (see internal.settings_change_facts); settings_unchanged {after}, where people would read no
-- difference; settings_refused {problem}: what is new breaks the rules of the settings (migration 014).
create function internal.change_settings(
    p_caller internal.caller,
    p_settings jsonb, -- from internal.lock_settings_to_change
    p_patch jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_changed jsonb := (p_settings || p_patch) - array(select key from jsonb_each(p_patch) where value = 'null');
begin
    update public.discord_server_configs set config_metadata = v_changed where server_id = p_caller.server_id;
    -- Compare only after the triggers accepted the settings: until then they may have any shape.
    if internal.settings_facts(v_changed) = internal.settings_facts(p_settings) then
        raise exception using errcode = 'RSNC3', message = 'nothing has changed, and nothing is to be written';
    end if;
    return internal.keep_answer(p_caller, internal.settings_change_facts(p_caller, p_settings, v_changed, p_now));
exception
    when sqlstate 'RSNC3' then
        return internal.keep_answer(p_caller, jsonb_build_object(
            'outcome', 'settings_unchanged', 'after', internal.settings_facts(p_settings)
        ));
    when check_violation then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'settings_refused', 'problem', sqlerrm));
end
$$;

-- Remove an entry from a setting that is an object or a list of texts, for an admin, and give the answer; p_absent
-- where there is no such entry.
create function internal.remove_setting(
    p_caller internal.caller,
    p_setting text,
    p_entry text,
    p_absent jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_current record;
begin
    v_current := internal.lock_settings_to_change(p_caller, p_now);
    if v_current.answer is not null then
        return v_current.answer;
    elsif not coalesce(v_current.settings -> p_setting ? p_entry, false) then
        return internal.keep_answer(p_caller, p_absent);
    end if;
    return internal.change_settings(
        p_caller,
        v_current.settings,
        jsonb_build_object(p_setting, (v_current.settings -> p_setting) - p_entry),
        p_now
    );
end
$$;

-- Give the answer to a change: settings_changed {before, after, level (the caller's own from now on), clock_shift (by
-- how many minutes the server's clock was put forward)}.
create function internal.settings_change_facts(
    p_caller internal.caller,
    p_before jsonb,
    p_after jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
begin
    return jsonb_build_object(
        'outcome', 'settings_changed',
        'before', internal.settings_facts(p_before),
        'after', internal.settings_facts(p_after),
        'level', internal.admin_level(p_caller, p_after),
        'clock_shift', internal.clock_shift(p_before, p_after, p_now)
    );
end
$$;
