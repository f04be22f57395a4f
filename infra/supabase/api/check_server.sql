-- Check whether a server is set up well: give what /setup check needs besides the bot's permissions.
-- Outcomes: server_check {is_connected, brand_id, missing_migrations} and, of a connected server, {is_brand_active,
-- server_name, events, events_off, missing_events, settings_problem, drops_overdue, drops_behind, channels_behind} and,
-- where the settings are in order, {settings (internal.settings_facts), is_excluded, exclusion (as
-- internal.place_refusal)}; not_allowed; category_needed.
create function public.check_server(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.admin_refusal(p_caller);
    v_server public.discord_server_configs;
    v_problem text;
    v_place jsonb;
    v_drops record;
    v_check jsonb;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    select * into v_server from public.discord_server_configs where server_id = p_caller.server_id;
    v_check := jsonb_build_object(
        'outcome', 'server_check',
        'is_connected', found and v_server.is_active is not false,
        'brand_id', v_server.brand_id,
        'missing_migrations', internal.missing_migrations()
    );
    if not (v_check ->> 'is_connected')::boolean then
        return v_check;
    end if;

    v_problem := internal.settings_problem(p_caller.server_id);
    if v_problem is null then
        v_place := internal.place_refusal(p_caller, v_server.config_metadata);
        if v_place ->> 'outcome' = 'category_needed' then
            return v_place;
        end if;
    end if;
    select
        count(*) filter (where ended_at is null and expires_at < p_now - interval '5 minutes') as overdue,
        count(*) filter (where message.is_behind) as behind,
        array_agg(distinct channel_id) filter (where message.is_behind) as channels
    into v_drops
    from public.discord_drops
    cross join lateral (
        select render_attempts > 0 and rendered_revision < revision and channel_id is not null as is_behind
    ) as message
    where server_id = p_caller.server_id and not is_settled;
    v_check := v_check || jsonb_build_object(
        'is_brand_active', internal.brand_refusal(v_server.brand_id) is null,
        'server_name', v_server.server_name,
        'events', (select count(*) from internal.rules_of(v_server)),
        'events_off', (select count(*) from internal.rules_of(v_server) where is_enabled is false),
        'missing_events', (
            select coalesce(jsonb_agg(event_type order by event_type), '[]')
            from internal.missing_events(v_server.brand_id, v_server.server_id)
        ),
        'settings_problem', v_problem,
        'drops_overdue', v_drops.overdue,
        'drops_behind', v_drops.behind,
        'channels_behind', coalesce(to_jsonb(v_drops.channels), '[]')
    );
    if v_problem is null then
        v_check := v_check || jsonb_build_object(
            'settings', internal.settings_facts(v_server.config_metadata),
            'is_excluded', v_place is not null,
            'exclusion', v_place
        );
    end if;
    return v_check;
end
$$;
