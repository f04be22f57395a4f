-- May the caller earn this event now? Reads only, all in one look. Gives the refusal, or NULL and what the reward
-- depends on: the server's settings, the rule that pays, the caller's streak as it counts now.
-- Outcomes, in this order: server_not_connected, event_not_found, event_disabled, member_disabled, test_mode,
-- channel_excluded, cooldown, limit_reached, total_limit_reached.
create function internal.check_earning(
    p_caller internal.caller,
    p_event_type text,
    p_now timestamptz,
    out refusal jsonb,
    out settings jsonb,
    out rule public.monitoring_rules,
    out streak integer
)
language plpgsql stable
as $$
declare
    v_seen record;
    v_retry_at timestamptz;
begin
    select
        s.is_active,
        s.config_metadata,
        r as rule,
        m.discord_user_id is not null as is_disabled,
        m.reason,
        coalesce(c.claims, 0) as claims,
        c.last_claimed_at,
        coalesce(t.claims, 0) as total_claims,
        k.current_streak,
        k.last_day
    into v_seen
    from public.discord_server_configs as s
    left join lateral internal.rule(s.brand_id, s.server_id, p_event_type) as r on true
    left join public.disabled_members as m on m.server_id = s.server_id and m.discord_user_id = p_caller.user_id
    left join public.event_claims as c
        on c.server_id = s.server_id and c.discord_user_id = p_caller.user_id and c.event_type = p_event_type
    left join public.event_totals as t on t.server_id = s.server_id and t.event_type = p_event_type
    left join public.discord_user_streaks as k on k.server_id = s.server_id and k.discord_user_id = p_caller.user_id
    where s.server_id = p_caller.server_id;

    settings := v_seen.config_metadata;
    rule := v_seen.rule;
    streak := case when internal.streak_deadline(settings, v_seen.last_day) > p_now then v_seen.current_streak else 0 end;
    v_retry_at := case when rule.cooldown_hours > 0 then v_seen.last_claimed_at + make_interval(hours => rule.cooldown_hours) end;

    refusal := case
        when v_seen.claims is null or v_seen.is_active is false then
            jsonb_build_object('outcome', 'server_not_connected')
        when rule.id is null then
            jsonb_build_object('outcome', 'event_not_found', 'event', p_event_type)
        when rule.is_enabled is false then
            jsonb_build_object('outcome', 'event_disabled', 'event', coalesce(rule.label, p_event_type))
        when v_seen.is_disabled then
            jsonb_build_object('outcome', 'member_disabled', 'reason', v_seen.reason)
        when internal.is_kept_out_by_test_mode(p_caller, settings) then
            jsonb_build_object('outcome', 'test_mode')
        when settings -> 'excluded_channels' ? p_caller.channel_id then
            jsonb_build_object('outcome', 'channel_excluded')
        when v_retry_at > p_now then
            jsonb_build_object(
                'outcome', 'cooldown', 'event', coalesce(rule.label, p_event_type), 'retry_at', v_retry_at
            )
        when rule.max_claims_per_user >= 0 and v_seen.claims >= rule.max_claims_per_user then
            jsonb_build_object(
                'outcome', 'limit_reached',
                'event', coalesce(rule.label, p_event_type),
                'limit', rule.max_claims_per_user
            )
        when rule.max_total_claims >= 0 and v_seen.total_claims >= rule.max_total_claims then
            jsonb_build_object(
                'outcome', 'total_limit_reached',
                'event', coalesce(rule.label, p_event_type),
                'limit', rule.max_total_claims
            )
    end;
end
$$;

-- In test mode only testers and admins earn.
create function internal.is_kept_out_by_test_mode(p_caller internal.caller, p_settings jsonb) returns boolean
language sql immutable
as $$
    select case when coalesce((p_settings #>> '{test_mode,enabled}')::boolean, false)
        then internal.level(p_caller, p_settings) = 0
            and not coalesce(p_settings #>> '{test_mode,role}' = any (p_caller.role_ids), false)
        else false end
$$;
