-- The rules of streaks on a server, by its settings (see clock.sql on SQL and plpgsql).

-- Give how many hours a streak lasts after the day of the last check-in.
create function internal.grace_hours(p_settings jsonb) returns integer
language sql immutable
as $$
    select coalesce((p_settings #>> '{streak,grace_hours}')::numeric::integer, 24)
$$;

-- Give the instant at which a streak ends whose last check-in counted for p_day. Count by the server's clock: a
-- grace of 8 is eight in the morning, and 24 the whole next day, also where the day has 23 or 25 hours. A day that the
-- zone leaves out (30 December 2011 on Samoa) is not missed: skip it.
create function internal.streak_deadline(p_settings jsonb, p_day date) returns timestamptz
language plpgsql stable
as $$
declare
    v_zone text := coalesce(p_settings ->> 'timezone', 'UTC');
    v_grace integer := internal.grace_hours(p_settings);
    v_day date := p_day;
begin
    for v_step in 0 .. v_grace / 24 loop
        v_day := v_day + 1;
        while (v_day::timestamp at time zone v_zone at time zone v_zone)::date > v_day loop -- left out
            v_day := v_day + 1;
        end loop;
    end loop;
    return internal.first_moment(p_settings, v_day + make_interval(hours => v_grace % 24));
end
$$;

-- Give a streak as it counts now: 0 once its grace is over.
create function internal.living_streak(p_settings jsonb, p_streak integer, p_last_day date, p_now timestamptz)
returns integer
language plpgsql stable
as $$
begin
    if p_streak > 0 then
        if internal.streak_deadline(p_settings, p_last_day) > p_now then
            return p_streak;
        end if;
    end if;
    return 0;
end
$$;

-- Give a member's streak as it counts now, the longest one, and the day of the last check-in.
create function internal.member_streak(
    p_settings jsonb,
    p_server_id text,
    p_user_id text,
    p_now timestamptz,
    out streak integer,
    out longest integer,
    out last_day date
)
language plpgsql stable
as $$
declare
    v_row public.discord_user_streaks;
begin
    select * into v_row from public.discord_user_streaks
    where server_id = p_server_id and discord_user_id = p_user_id;
    streak := internal.living_streak(p_settings, v_row.current_streak, v_row.last_day, p_now);
    longest := coalesce(v_row.longest_streak, 0);
    last_day := v_row.last_day;
end
$$;

-- Give how long the streak of a member was whose current one is over, NULL for who never had one: by its row, else,
-- where that has been written down as over, by the last check-in that was paid.
create function internal.ended_streak(p_server_id text, p_user_id text) returns integer
language plpgsql stable
as $$
declare
    v_streak integer;
begin
    select nullif(current_streak, 0) into v_streak from public.discord_user_streaks
    where server_id = p_server_id and discord_user_id = p_user_id;
    if v_streak is null then
        select (details ->> 'streak')::integer into v_streak from public.reward_ledger
        where server_id = p_server_id and discord_user_id = p_user_id and source = 'daily'
        order by reference desc
        limit 1;
    end if;
    return v_streak;
end
$$;

-- Give the earliest last_day of a streak that has not lapsed: a streak is current if its last_day is this one or later.
create function internal.oldest_living_day(p_settings jsonb, p_now timestamptz) returns date
language plpgsql stable
as $$
declare
    v_grace interval := make_interval(hours => internal.grace_hours(p_settings));
    v_day date := (internal.wall_clock(p_settings, p_now) - v_grace)::date - 2; -- a day may have been left out
begin
    while internal.streak_deadline(p_settings, v_day) <= p_now loop
        v_day := v_day + 1;
    end loop;
    return v_day;
end
$$;

-- Give the streak tiers of a server as they are stored, in any order: [{days, multiplier}].
create function internal.streak_tiers(p_settings jsonb) returns jsonb
language sql immutable
as $$
    select coalesce(
        p_settings #> '{streak,tiers}',
        '[{"days": 3, "multiplier": 1.1}, {"days": 7, "multiplier": 1.25},
          {"days": 14, "multiplier": 1.5}, {"days": 30, "multiplier": 2.0}]'
    )
$$;

-- Give the multiplier of a streak: that of the highest tier it has reached.
create function internal.streak_multiplier(p_settings jsonb, p_streak integer) returns numeric
language plpgsql immutable
as $$
begin
    if p_streak < 1 then -- no tier begins before day 1, and many clicks come without a streak
        return 1.0;
    end if;
    return coalesce((
        select (tier ->> 'multiplier')::numeric from jsonb_array_elements(internal.streak_tiers(p_settings)) as tier
        where (tier ->> 'days')::numeric <= p_streak
        order by (tier ->> 'days')::numeric desc
        limit 1
    ), 1.0);
end
$$;
