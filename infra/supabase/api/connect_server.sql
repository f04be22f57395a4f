-- Connect a server to a brand and create the default events where they are missing. Running it again repairs. Needs the
-- brand's connect key every time, also where the server is connected already: another program may have written that, or
-- the brand has taken its key back since.
-- Outcomes: connected {brand_id, events}; not_allowed; migration_missing {migration}; those of
-- internal.connect_key_refusal; connected_elsewhere {brand_id}.
create function public.connect_server(
    p_caller internal.caller,
    p_brand_id text,
    p_server_name text default null,
    p_key_hash text default null, -- internal.key_hash of the connect key; the release before sends none, and is refused
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_answer jsonb := internal.take_interaction(p_caller, p_now);
    v_server public.discord_server_configs;
begin
    if v_answer is not null then
        return v_answer;
    end if;
    v_answer := coalesce(internal.admin_refusal(p_caller), internal.migration_refusal('018'));
    if v_answer is null then
        v_answer := internal.connect_key_refusal(p_brand_id, p_key_hash);
    end if;
    if v_answer is not null then
        return internal.keep_answer(p_caller, v_answer);
    end if;
    perform internal.set_audit_actor(p_caller, p_now);

    insert into public.discord_server_configs as s (server_id, brand_id, server_name, is_active)
    values (p_caller.server_id, p_brand_id, p_server_name, true)
    on conflict (server_id) do update
    set brand_id = p_brand_id, server_name = coalesce(p_server_name, s.server_name), is_active = true
    where s.brand_id = p_brand_id or s.is_active is false
    returning * into v_server;
    if not found then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'connected_elsewhere', 'brand_id', (
            select brand_id from public.discord_server_configs where server_id = p_caller.server_id
        )));
    end if;

    insert into public.monitoring_rules
        (id, brand_id, server_id, event_type, label, reward_amount, cooldown_hours, max_claims_per_user, detection_config)
    select gen_random_uuid(), p_brand_id, p_caller.server_id, d.event_type, d.label, d.reward, d.cooldown_hours,
        d.max_claims, d.detection
    from internal.missing_events(p_brand_id, p_caller.server_id) as d
    on conflict on constraint rules_once_per_event do nothing;

    return internal.keep_answer(p_caller, jsonb_build_object(
        'outcome', 'connected', 'brand_id', v_server.brand_id, 'events', internal.events_of(v_server)
    ));
end
$$;
