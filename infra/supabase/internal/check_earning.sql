-- May the caller earn this event now? Reads only. Gives the refusal, or NULL and what the reward depends on: the
-- server's settings, the rule that pays, the caller's streak as it counts now.
-- Outcomes, in this order: server_not_connected, event_not_found, event_disabled, member_disabled, test_mode,
-- channel_excluded, cooldown, limit_reached, total_limit_reached.
--
-- This runs at every click that may pay, so: one look at all that is usually needed, and short conditions of their own
-- rather than one long CASE, because plpgsql prepares an expression as a whole in each transaction that reaches it.
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
begin
    select
        s.is_active,
        s.brand_id,
        s.config_metadata,
        own as rule,
        m.disabled_at,
        m.reason,
        c.claims,
        c.last_claimed_at,
        k.current_streak,
        k.last_day
    into v_seen
    from public.discord_server_configs as s
    left join public.monitoring_rules as own
        on own.brand_id = s.brand_id and own.server_id = s.server_id and own.event_type = p_event_type
    left join public.disabled_members as m on m.server_id = s.server_id and m.discord_user_id = p_caller.user_id
    left join public.event_claims as c
        on c.server_id = s.server_id and c.discord_user_id = p_caller.user_id and c.event_type = p_event_type
    left join public.discord_user_streaks as k on k.server_id = s.server_id and k.discord_user_id = p_caller.user_id
    where s.server_id = p_caller.server_id;
    if not found or v_seen.is_active is false then
        refusal := jsonb_build_object('outcome', 'server_not_connected');
        return;
    end if;

    settings := v_seen.config_metadata;
    rule := v_seen.rule;
    streak := internal.living_streak(settings, v_seen.current_streak, v_seen.last_day, p_now);

    if rule.id is null then
        select * into rule from internal.rule(v_seen.brand_id, p_caller.server_id, p_event_type);
    end if;
    if rule.id is null then
        refusal := jsonb_build_object('outcome', 'event_not_found', 'event', p_event_type);
    elsif rule.is_enabled is false then
        refusal := jsonb_build_object('outcome', 'event_disabled', 'event', coalesce(nullif(rule.label, ''), p_event_type));
    elsif v_seen.disabled_at is not null then
        refusal := jsonb_build_object('outcome', 'member_disabled', 'reason', v_seen.reason);
    elsif settings is not null then
        refusal := internal.settings_refusal(p_caller, settings);
    end if;
    if refusal is not null then
        return;
    end if;

    if rule.cooldown_hours > 0 then
        if v_seen.last_claimed_at + make_interval(hours => rule.cooldown_hours) > p_now then
            refusal := jsonb_build_object(
                'outcome', 'cooldown',
                'event', coalesce(nullif(rule.label, ''), p_event_type),
                'retry_at', v_seen.last_claimed_at + make_interval(hours => rule.cooldown_hours)
            );
            -- Nobody is asked to come back for nothing.
            if rule.max_claims_per_user between 0 and v_seen.claims then
                refusal := refusal || jsonb_build_object('limit', rule.max_claims_per_user);
            elsif rule.max_total_claims between 0 and (
                select claims from public.event_totals where server_id = p_caller.server_id and event_type = p_event_type
            ) then
                refusal := refusal || jsonb_build_object('total_limit', rule.max_total_claims);
            end if;
            return;
        end if;
    end if;
    if rule.max_claims_per_user >= 0 then
        if coalesce(v_seen.claims, 0) >= rule.max_claims_per_user then
            refusal := jsonb_build_object(
                'outcome', 'limit_reached',
                'event', coalesce(nullif(rule.label, ''), p_event_type),
                'limit', rule.max_claims_per_user
            );
            return;
        end if;
    end if;
    if rule.max_total_claims >= 0 then
        if rule.max_total_claims <= coalesce((
            select claims from public.event_totals where server_id = p_caller.server_id and event_type = p_event_type
        ), 0) then
            refusal := jsonb_build_object(
                'outcome', 'total_limit_reached',
                'event', coalesce(nullif(rule.label, ''), p_event_type),
                'limit', rule.max_total_claims
            );
        end if;
    end if;
end
$$;

-- What the settings of a server refuse: in test mode only testers and admins earn, in an excluded channel nobody.
create function internal.settings_refusal(p_caller internal.caller, p_settings jsonb) returns jsonb
language plpgsql stable
as $$
begin
    if (p_settings #>> '{test_mode,enabled}')::boolean then
        if internal.level(p_caller, p_settings) = 0
            and not coalesce(p_settings #>> '{test_mode,role}' = any (p_caller.role_ids), false)
        then
            return jsonb_build_object('outcome', 'test_mode');
        end if;
    end if;
    if p_settings -> 'excluded_channels' ? p_caller.channel_id then
        return jsonb_build_object('outcome', 'channel_excluded');
    end if;
    return null;
end
$$;

-- Why a member can earn nothing at all here at the moment, whatever the event: the refusal, or NULL.
create function internal.member_refusal(p_caller internal.caller, p_settings jsonb) returns jsonb
language plpgsql stable
as $$
declare
    v_disabled public.disabled_members;
begin
    select * into v_disabled from public.disabled_members
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id;
    if found then
        return jsonb_build_object('outcome', 'member_disabled', 'reason', v_disabled.reason);
    end if;
    return internal.settings_refusal(p_caller, p_settings);
end
$$;
