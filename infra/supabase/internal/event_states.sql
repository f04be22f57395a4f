-- How the enabled events of a server stand for a member: ready, waiting for the end of a cooldown (retry_at), or used_up
-- by a limit. An event whose limit is reached waits for nothing, so its cooldown does not matter any more.
create function internal.event_states(
    p_server public.discord_server_configs,
    p_user_id text,
    p_now timestamptz
) returns table (rule public.monitoring_rules, state text, retry_at timestamptz)
language plpgsql stable
as $$
begin
    return query
    select
        r,
        case
            when c.claims >= internal.member_limit(r) or internal.member_limit(r) = 0 then 'used_up'
            when coalesce(t.claims, 0) >= r.max_total_claims and r.max_total_claims >= 0 then 'used_up'
            when cooldown.ends_at > p_now then 'waiting'
            else 'ready'
        end,
        cooldown.ends_at
    from internal.rules_of(p_server) as r
    left join public.event_claims as c
        on c.server_id = p_server.server_id and c.discord_user_id = p_user_id and c.event_type = r.event_type
    left join public.event_totals as t on t.server_id = p_server.server_id and t.event_type = r.event_type
    cross join lateral (
        select case when r.cooldown_hours > 0 then c.last_claimed_at + make_interval(hours => r.cooldown_hours) end as ends_at
    ) as cooldown
    where r.is_enabled is not false;
end
$$;

-- When a member can check in, as {next_at, streak}: next_at is NULL for now, and never before p_retry_at, the end of a
-- cooldown that an admin may have set besides.
create function internal.daily_facts(
    p_server public.discord_server_configs,
    p_user_id text,
    p_retry_at timestamptz,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_settings jsonb := p_server.config_metadata;
    v_streak public.discord_user_streaks;
begin
    select * into v_streak from public.discord_user_streaks
    where server_id = p_server.server_id and discord_user_id = p_user_id;
    return jsonb_build_object(
        'next_at', greatest(
            internal.next_check_in(v_settings, v_streak.last_day, p_now), case when p_retry_at > p_now then p_retry_at end
        ),
        'streak', internal.living_streak(v_settings, v_streak.current_streak, v_streak.last_day, p_now)
    );
end
$$;
