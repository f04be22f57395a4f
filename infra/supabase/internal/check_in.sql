-- The daily check-in.

-- Give when a member can check in next; NULL for now.
create function internal.next_check_in(p_settings jsonb, p_last_day date, p_now timestamptz) returns timestamptz
language plpgsql stable
as $$
begin
    if p_last_day >= internal.wall_clock(p_settings, p_now)::date then
        return internal.day_start(p_settings, p_last_day + 1);
    end if;
    return null;
end
$$;

-- Give when a member can check in as {next_at (NULL: now), streak}; NULL where the event is off, missing or used up.
create function internal.check_in_facts(
    p_server public.discord_server_configs,
    p_user_id text,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_member record;
begin
    perform from internal.event_state(
        (select r from internal.rule(p_server.brand_id, p_server.server_id, 'daily_checkin') as r),
        p_server.server_id, p_user_id, p_now
    )
    where state <> 'used_up';
    if not found then
        return null;
    end if;
    v_member := internal.member_streak(p_server.config_metadata, p_server.server_id, p_user_id, p_now);
    return jsonb_build_object(
        'next_at', internal.next_check_in(p_server.config_metadata, v_member.last_day, p_now),
        'streak', v_member.streak
    );
end
$$;
