-- A server's settings (config_metadata).

-- Give what people read of settings, defaults filled in: {timezone, grace_hours, tiers [{days, multiplier}], milestones
-- [{days, reward}], defaults (the names of those that nobody has set), role_bonuses [{role, multiplier, flat}],
-- admin_roles [{role, level}], excluded_channels, admin_channel, test_mode {enabled, role}}. Accept every shape that
-- the constraints accept.
create function internal.settings_facts(p_settings jsonb) returns jsonb
language plpgsql immutable
as $$
declare
    v_settings jsonb := coalesce(nullif(p_settings, 'null'), '{}');
begin
    return jsonb_build_object(
        'timezone', coalesce(v_settings ->> 'timezone', 'UTC'),
        'grace_hours', internal.grace_hours(v_settings),
        'tiers', (
            select coalesce(jsonb_agg(
                jsonb_build_object('days', tier -> 'days', 'multiplier', tier -> 'multiplier')
                order by (tier ->> 'days')::numeric
            ), '[]')
            from jsonb_array_elements(internal.streak_tiers(v_settings)) as tier
        ),
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

-- Give the constraint error of a server's stored settings, or NULL. Run the triggers on the stored settings, then roll
-- back; the triggers check only changed values, so clear the settings first.
create function internal.settings_problem(p_server_id text) returns text
language plpgsql volatile
as $$
declare
    v_settings jsonb := (select config_metadata from public.discord_server_configs where server_id = p_server_id);
begin
    update public.discord_server_configs set config_metadata = null where server_id = p_server_id;
    update public.discord_server_configs set config_metadata = v_settings where server_id = p_server_id;
    raise exception using errcode = 'RSNC3', message = 'nothing is wrong; roll back';
exception
    when sqlstate 'RSNC3' then
        return null;
    when check_violation then
        return sqlerrm;
end
$$;
