-- A server's settings (config_metadata): how people read them, and how admins' commands change them.

-- The streak tiers of a server by days as a list of {days, multiplier}: what internal.streak_multiplier goes by.
create function internal.tiers(p_settings jsonb) returns jsonb
language plpgsql immutable
as $$
begin
    return (
        select coalesce(jsonb_agg(
            jsonb_build_object('days', tier -> 'days', 'multiplier', tier -> 'multiplier')
            order by (tier ->> 'days')::numeric
        ), '[]')
        from jsonb_array_elements(coalesce(
            p_settings #> '{streak,tiers}',
            '[{"days": 3, "multiplier": 1.1}, {"days": 7, "multiplier": 1.25},
              {"days": 14, "multiplier": 1.5}, {"days": 30, "multiplier": 2.0}]'
        )) as tier
    );
end
$$;

-- What people read of settings, defaults filled in: {timezone, grace_hours, tiers, milestones, defaults (the names of
-- those that nobody has set), role_bonuses [{role, multiplier, flat}], admin_roles [{role, level}], excluded_channels,
-- admin_channel, test_mode {enabled, role}}. Takes whatever shape the settings' own rules let pass.
create function internal.settings_facts(p_settings jsonb) returns jsonb
language plpgsql immutable
as $$
declare
    v_settings jsonb := coalesce(nullif(p_settings, 'null'), '{}');
begin
    return jsonb_build_object(
        'timezone', coalesce(v_settings ->> 'timezone', 'UTC'),
        'grace_hours', internal.grace_hours(v_settings),
        'tiers', internal.tiers(v_settings),
        'milestones', (
            select coalesce(jsonb_agg(internal.milestone_facts(days, reward) order by days), '[]')
            from internal.milestones(v_settings)
        ),
        'defaults', (
            select coalesce(jsonb_agg(name), '[]')
            from (values
                ('timezone', '{timezone}'::text[]),
                ('grace_hours', '{streak,grace_hours}'),
                ('tiers', '{streak,tiers}'),
                ('milestones', '{streak,milestones}')
            ) as setting (name, path)
            where v_settings #> path is null
        ),
        'role_bonuses', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'role', key,
                'multiplier', coalesce((value ->> 'multiplier')::numeric, 1),
                'flat', coalesce((value ->> 'flat')::numeric, 0)
            ) order by key), '[]')
            from jsonb_each(coalesce(v_settings -> 'role_bonuses', '{}'))
        ),
        'admin_roles', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'role', key, 'level', value::numeric::integer
            ) order by value::numeric desc, key), '[]')
            from jsonb_each_text(coalesce(v_settings -> 'admin_roles', '{}'))
        ),
        'excluded_channels', coalesce(v_settings -> 'excluded_channels', '[]'),
        'admin_channel', v_settings ->> 'admin_channel',
        'test_mode', jsonb_build_object(
            'enabled', coalesce((v_settings #>> '{test_mode,enabled}')::boolean, false),
            'role', v_settings #>> '{test_mode,role}'
        )
    );
end
$$;

-- The settings that an admin is about to change, under the lock of the server's row; or the answer that is due instead: a
-- refusal (those of open_server), or what this interaction was told when it was delivered before.
create function internal.settings_to_change(
    p_caller internal.caller,
    p_now timestamptz,
    out answer jsonb,
    out settings jsonb
)
language plpgsql volatile
as $$
declare
    v_open record;
    v_told record;
begin
    select * into v_open from internal.open_server_to_change(p_caller, p_now);
    select before_state -> 'config_metadata' as was, after_state -> 'config_metadata' as became into v_told
    from public.discord_audit_log
    where interaction_id = p_caller.interaction_id and action = 'server.updated';
    if found then -- before the refusal: what it changed may be the caller's own level
        answer := internal.settings_changed(p_caller, v_told.was, v_told.became, p_now);
        return;
    end if;
    answer := v_open.refusal;
    settings := coalesce((v_open.server).config_metadata, '{}');
end
$$;

-- Writes settings with the keys of the patch replaced, those that are null in it removed, and gives the answer.
-- Outcomes: settings_changed (see there); settings_unchanged {after}; settings_refused {problem}: the commands ask for
-- nothing that is not allowed, so it is in what another program has left there.
create function internal.change_settings(
    p_caller internal.caller,
    p_settings jsonb, -- as internal.settings_to_change gave them
    p_patch jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_changed jsonb := (p_settings || p_patch) - array(select key from jsonb_each(p_patch) where value = 'null');
begin
    if v_changed = p_settings then
        return jsonb_build_object('outcome', 'settings_unchanged', 'after', internal.settings_facts(p_settings));
    end if;
    update public.discord_server_configs set config_metadata = v_changed where server_id = p_caller.server_id;
    return internal.settings_changed(p_caller, p_settings, v_changed, p_now);
exception
    when check_violation then
        return jsonb_build_object('outcome', 'settings_refused', 'problem', sqlerrm);
end
$$;

-- Takes an entry out of a setting that is an object or a list of texts, for an admin; p_absent is told where it has none.
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
    v_open record;
begin
    v_open := internal.settings_to_change(p_caller, p_now);
    if v_open.answer is not null then
        return v_open.answer;
    elsif not coalesce(v_open.settings -> p_setting ? p_entry, false) then
        return p_absent;
    end if;
    return internal.change_settings(
        p_caller,
        v_open.settings,
        jsonb_build_object(p_setting, (v_open.settings -> p_setting) - p_entry),
        p_now
    );
end
$$;

-- The answer to a change: settings_changed {before, after, level (the caller's own from now on), clock_shift (by how many
-- minutes the server's clock was put forward)}.
create function internal.settings_changed(p_caller internal.caller, p_was jsonb, p_became jsonb, p_now timestamptz)
returns jsonb
language plpgsql stable
as $$
begin
    return jsonb_build_object(
        'outcome', 'settings_changed',
        'before', internal.settings_facts(p_was),
        'after', internal.settings_facts(p_became),
        'level', internal.level(p_caller, p_became),
        'clock_shift', internal.clock_shift(p_was, p_became, p_now)
    );
end
$$;

-- By how many minutes a server's clock is put forward by a change of its time zone; NULL where the old zone is unknown.
create function internal.clock_shift(p_was jsonb, p_became jsonb, p_now timestamptz) returns integer
language plpgsql stable
as $$
begin
    return extract(epoch from internal.wall_clock(p_became, p_now) - internal.wall_clock(p_was, p_now)) / 60;
exception
    when invalid_parameter_value then -- a zone that has vanished from the system
        return null;
end
$$;

-- What the settings' own rules have against a server's settings as they are, or NULL. The triggers are the one place that
-- knows: the settings are written as they stand, and that is taken back.
create function internal.settings_problem(p_server_id text) returns text
language plpgsql volatile
as $$
begin
    update public.discord_server_configs set config_metadata = config_metadata where server_id = p_server_id;
    raise exception using errcode = 'RSNC3', message = 'nothing is wrong, and nothing is to be written';
exception
    when sqlstate 'RSNC3' then
        return null;
    when check_violation then
        return sqlerrm;
end
$$;
