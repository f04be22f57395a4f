-- How an event stands for a member: ready, waiting for the end of a cooldown (retry_at), or used_up by a limit. An event
-- whose limit is reached waits for nothing, so its cooldown does not matter any more. No row if it is off or there is none.
create function internal.event_state(
    p_rule public.monitoring_rules,
    p_server_id text,
    p_user_id text,
    p_now timestamptz
) returns table (state text, retry_at timestamptz)
language plpgsql stable rows 1
as $$
begin
    return query
    select
        case
            when c.claims >= internal.member_limit(p_rule) or internal.member_limit(p_rule) = 0 then 'used_up'
            when coalesce(t.claims, 0) >= p_rule.max_total_claims and p_rule.max_total_claims >= 0 then 'used_up'
            when cooldown.ends_at > p_now then 'waiting'
            else 'ready'
        end,
        cooldown.ends_at
    from (select) as nothing
    left join public.event_claims as c
        on c.server_id = p_server_id and c.discord_user_id = p_user_id and c.event_type = p_rule.event_type
    left join public.event_totals as t on t.server_id = p_server_id and t.event_type = p_rule.event_type
    cross join lateral (
        select case when p_rule.cooldown_hours > 0
            then c.last_claimed_at + make_interval(hours => p_rule.cooldown_hours) end as ends_at
    ) as cooldown
    where p_rule.id is not null and p_rule.is_enabled is not false;
end
$$;

-- When a member can check in, as {next_at, streak}, next_at NULL for now; NULL where nobody or this member can any more.
create function internal.daily_facts(
    p_server public.discord_server_configs,
    p_user_id text,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_settings jsonb := p_server.config_metadata;
    v_daily record;
    v_streak public.discord_user_streaks;
begin
    select * into v_daily
    from internal.event_state(
        (select r from internal.rule(p_server.brand_id, p_server.server_id, 'daily_checkin') as r),
        p_server.server_id, p_user_id, p_now
    )
    where state <> 'used_up';
    if not found then
        return null;
    end if;
    select * into v_streak from public.discord_user_streaks
    where server_id = p_server.server_id and discord_user_id = p_user_id;
    return jsonb_build_object(
        'next_at', greatest(
            internal.next_check_in(v_settings, v_streak.last_day, p_now),
            case v_daily.state when 'waiting' then v_daily.retry_at end -- an admin may have set a cooldown besides
        ),
        'streak', internal.living_streak(v_settings, v_streak.current_streak, v_streak.last_day, p_now)
    );
end
$$;
