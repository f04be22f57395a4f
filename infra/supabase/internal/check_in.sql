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

-- Check whether the caller may check in now; reads only. Gives the refusal (those of internal.check_earning;
-- already_checked_in {streak, next_at}), or NULL and what the reward depends on. A day that the ledger has paid is taken,
-- whoever has changed the streak since.
create function internal.check_check_in(
    p_caller internal.caller,
    p_now timestamptz,
    out refusal jsonb,
    out settings jsonb,
    out rule public.monitoring_rules,
    out streak integer,
    out today date
)
language plpgsql stable
as $$
declare
    v_check record;
    v_taken date; -- the last day that is
begin
    v_check := internal.check_earning(p_caller, 'daily_checkin', p_now);
    settings := v_check.settings;
    rule := v_check.rule;
    streak := v_check.streak;
    today := internal.wall_clock(settings, p_now)::date;
    refusal := v_check.refusal;
    if refusal is not null then
        return;
    end if;

    select last_day into v_taken from public.discord_user_streaks
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id;
    perform from public.reward_ledger
    where source = 'daily' and server_id = p_caller.server_id and discord_user_id = p_caller.user_id
        and reference = today::text;
    if found then
        v_taken := greatest(v_taken, today);
    end if;
    if v_taken >= today then
        refusal := jsonb_build_object(
            'outcome', 'already_checked_in',
            'streak', streak,
            'next_at', internal.day_start(settings, v_taken + 1)
        );
    end if;
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
