-- Whether a member may earn.

-- Check whether the caller may earn an event now; reads only. Gives the refusal, or NULL and what the reward depends
-- on: the server's settings, the rule that pays (the welcome bonus with its limit of one), the caller's streak as it
-- counts now.
-- Outcomes, in this order: server_not_connected, brand_disabled, event_not_found, event_disabled, member_disabled,
-- member_pending, member_timed_out, test_mode, channel_excluded or category_needed, cooldown, limit_reached,
-- total_limit_reached.
--
-- This runs at every click that may pay: fetch all that is usually needed at once, and keep conditions short instead of
-- one long CASE, because plpgsql prepares an expression as a whole in each transaction that reaches it.
create function internal.check_earning(
    p_caller internal.caller,
    p_event_type text,
    p_now timestamptz,
    out refusal jsonb,
    out settings jsonb,
    out rule public.monitoring_rules,
    out streak integer,
    out brand_id text -- the server's
)
language plpgsql stable
as $$
declare
    v_state record;
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
    into v_state
    from public.discord_server_configs as s
    left join public.monitoring_rules as own
        on own.brand_id = s.brand_id and own.server_id = s.server_id and own.event_type = p_event_type
    left join public.disabled_members as m on m.server_id = s.server_id and m.discord_user_id = p_caller.user_id
    left join public.event_claims as c
        on c.server_id = s.server_id and c.discord_user_id = p_caller.user_id and c.event_type = p_event_type
    left join public.discord_user_streaks as k on k.server_id = s.server_id and k.discord_user_id = p_caller.user_id
    where s.server_id = p_caller.server_id;
    if not found or v_state.is_active is false then
        refusal := jsonb_build_object('outcome', 'server_not_connected');
        return;
    end if;

    brand_id := v_state.brand_id;
    settings := v_state.config_metadata;
    refusal := internal.brand_refusal(brand_id);
    if refusal is not null then
        return;
    end if;
    rule := v_state.rule;
    streak := internal.living_streak(settings, v_state.current_streak, v_state.last_day, p_now);

    if rule.id is null then
        select * into rule from internal.rule(v_state.brand_id, p_caller.server_id, p_event_type);
    end if;
    if rule.id is null then
        refusal := jsonb_build_object('outcome', 'event_not_found', 'event', p_event_type);
    elsif rule.is_enabled is false then
        refusal := jsonb_build_object('outcome', 'event_disabled', 'event', internal.event_name(rule));
    elsif v_state.disabled_at is not null then
        refusal := jsonb_build_object('outcome', 'member_disabled', 'reason', v_state.reason);
    else
        refusal := internal.moment_refusal(p_caller, settings, p_now);
    end if;
    if p_event_type = 'welcome_bonus' then
        rule.max_claims_per_user := internal.member_limit(rule);
    end if;
    if refusal is null then
        if rule.cooldown_hours > 0 or rule.max_claims_per_user >= 0 or rule.max_total_claims >= 0 then
            refusal := internal.limit_refusal(
                rule, p_caller.server_id, v_state.claims, v_state.last_claimed_at, p_now
            );
        end if;
    end if;
    if p_event_type = 'welcome_bonus' then
        refusal := coalesce(refusal, internal.welcome_bonus_refusal(p_caller, rule));
    end if;
end
$$;

-- Check whether the caller may take an event with /claim; as internal.check_earning, and event_not_claimable {event,
-- command} before all that does not make the event unknown.
create function internal.check_claimable(
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
    v_check record;
begin
    v_check := internal.check_earning(p_caller, p_event_type, p_now);
    refusal := v_check.refusal;
    settings := v_check.settings;
    rule := v_check.rule;
    streak := v_check.streak;
    if rule.id is not null and not internal.is_claimable(rule) then
        refusal := jsonb_build_object(
            'outcome', 'event_not_claimable',
            'event', internal.event_name(rule),
            'command', case p_event_type when 'daily_checkin' then '/daily' when 'welcome_bonus' then '/join' end
        );
    end if;
end
$$;

-- Refuse what a rule's cooldown and limits forbid to a member by their claims of it so far: cooldown {event, retry_at,
-- and the limit or total_limit if it is reached too, so that nobody comes back in vain}, limit_reached {event,
-- limit}, total_limit_reached {event, limit}; else NULL.
create function internal.limit_refusal(
    p_rule public.monitoring_rules,
    p_server_id text,
    p_claims integer,
    p_last_claimed_at timestamptz,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_retry_at timestamptz := p_last_claimed_at + make_interval(hours => internal.cooldown_hours(p_rule));
    v_limit integer; -- set if it is reached
    v_total_limit integer;
begin
    if p_rule.max_claims_per_user between 0 and coalesce(p_claims, 0) then
        v_limit := p_rule.max_claims_per_user;
    elsif p_rule.max_total_claims >= 0 then
        if p_rule.max_total_claims <= internal.total_claims(p_server_id, p_rule.event_type) then
            v_total_limit := p_rule.max_total_claims;
        end if;
    end if;

    if v_retry_at > p_now then
        return jsonb_strip_nulls(jsonb_build_object(
            'outcome', 'cooldown',
            'event', internal.event_name(p_rule),
            'retry_at', v_retry_at,
            'limit', v_limit,
            'total_limit', v_total_limit
        ));
    elsif v_limit is not null then
        return jsonb_build_object('outcome', 'limit_reached', 'event', internal.event_name(p_rule), 'limit', v_limit);
    elsif v_total_limit is not null then
        return jsonb_build_object(
            'outcome', 'total_limit_reached', 'event', internal.event_name(p_rule), 'limit', v_total_limit
        );
    end if;
    return null;
end
$$;

-- Refuse a member who cannot earn at this moment or in this place: member_pending (the server's rules are not accepted),
-- member_timed_out {until}, test_mode to all but testers and admins, those of internal.place_refusal; else NULL.
create function internal.moment_refusal(p_caller internal.caller, p_settings jsonb, p_now timestamptz) returns jsonb
language plpgsql stable
as $$
declare
    v_caller jsonb := to_jsonb(p_caller); -- its fields of migration 016 may be missing
begin
    if (v_caller ->> 'is_pending')::boolean then
        return jsonb_build_object('outcome', 'member_pending');
    elsif (v_caller ->> 'timed_out_until')::timestamptz > p_now then
        return jsonb_build_object('outcome', 'member_timed_out', 'until', v_caller -> 'timed_out_until');
    elsif (p_settings #>> '{test_mode,enabled}')::boolean then
        if internal.admin_level(p_caller, p_settings) = 0
            and not coalesce(p_settings #>> '{test_mode,role}' = any (p_caller.role_ids), false)
        then
            return jsonb_build_object('outcome', 'test_mode');
        end if;
    end if;
    if p_settings ? 'excluded_channels' then
        return internal.place_refusal(p_caller, p_settings);
    end if;
    return null;
end
$$;

-- Refuse a member who can earn nothing here at the moment, whatever the event: brand_disabled, member_disabled {reason},
-- then those of internal.moment_refusal; else NULL.
create function internal.member_refusal(
    p_caller internal.caller,
    p_server public.discord_server_configs,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_refusal jsonb := internal.brand_refusal(p_server.brand_id);
    v_disabled public.disabled_members;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    select * into v_disabled from public.disabled_members
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id;
    if found then
        return jsonb_build_object('outcome', 'member_disabled', 'reason', v_disabled.reason);
    end if;
    return internal.moment_refusal(p_caller, p_server.config_metadata, p_now);
end
$$;
