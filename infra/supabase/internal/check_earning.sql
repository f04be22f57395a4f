-- May the caller earn this event now? Reads only. Gives the refusal, or NULL and the server and rule that pay.
-- Outcomes, in this order: server_not_connected, event_not_found, event_disabled, member_disabled, test_mode,
-- channel_excluded, cooldown, limit_reached, total_limit_reached.
create function internal.check_earning(
    p_caller internal.caller,
    p_event_type text,
    p_now timestamptz,
    out refusal jsonb,
    out server public.discord_server_configs,
    out rule public.monitoring_rules
)
language plpgsql stable
as $$
declare
    v_reason text;
    v_claims integer;
    v_last timestamptz;
    v_test_mode jsonb;
begin
    select * into server from public.discord_server_configs where server_id = p_caller.server_id;
    if not found or server.is_active is false then
        refusal := jsonb_build_object('outcome', 'server_not_connected');
        return;
    end if;

    select * into rule from internal.rule(server.brand_id, p_caller.server_id, p_event_type);
    if not found then
        refusal := jsonb_build_object('outcome', 'event_not_found', 'event', p_event_type);
        return;
    elsif rule.is_enabled is false then
        refusal := jsonb_build_object('outcome', 'event_disabled', 'event', coalesce(rule.label, p_event_type));
        return;
    end if;

    select coalesce(reason, '') into v_reason from public.disabled_members
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id;
    if found then
        refusal := jsonb_build_object('outcome', 'member_disabled', 'reason', nullif(v_reason, ''));
        return;
    end if;

    v_test_mode := server.config_metadata -> 'test_mode';
    if coalesce((v_test_mode ->> 'enabled')::boolean, false) -- not NULL, which would ask for the level as well
        and internal.level(p_caller, server.config_metadata) = 0
        and not coalesce(v_test_mode ->> 'role' = any (p_caller.role_ids), false)
    then
        refusal := jsonb_build_object('outcome', 'test_mode');
        return;
    end if;

    if server.config_metadata -> 'excluded_channels' ? p_caller.channel_id then
        refusal := jsonb_build_object('outcome', 'channel_excluded');
        return;
    end if;

    select claims, last_claimed_at into v_claims, v_last from public.event_claims
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id and event_type = p_event_type;
    if rule.cooldown_hours > 0 and v_last + make_interval(hours => rule.cooldown_hours) > p_now then
        refusal := jsonb_build_object(
            'outcome', 'cooldown',
            'event', coalesce(rule.label, p_event_type),
            'retry_at', v_last + make_interval(hours => rule.cooldown_hours)
        );
    elsif rule.max_claims_per_user >= 0 and coalesce(v_claims, 0) >= rule.max_claims_per_user then
        refusal := jsonb_build_object(
            'outcome', 'limit_reached', 'event', coalesce(rule.label, p_event_type), 'limit', rule.max_claims_per_user
        );
    elsif rule.max_total_claims >= 0 and rule.max_total_claims <= coalesce((
        select claims from public.event_totals where server_id = p_caller.server_id and event_type = p_event_type
    ), 0) then
        refusal := jsonb_build_object(
            'outcome', 'total_limit_reached', 'event', coalesce(rule.label, p_event_type), 'limit', rule.max_total_claims
        );
    end if;
end
$$;
