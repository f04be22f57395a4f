-- What the streak rules say on a server, from its settings (PRODUCT: streaks). All times are instants, all days dates.
--
-- Functions that are one expression are SQL: Postgres inlines them, which a SET clause would prevent; they are called
-- from functions that set search_path. Those with a query in them are plpgsql, because before Postgres 18 an SQL function
-- that is not inlined is planned anew at every call.

-- What the clock on the server's wall shows at an instant. Its date is the calendar day.
create function internal.wall_clock(p_settings jsonb, p_at timestamptz) returns timestamp
language sql stable
as $$
    select p_at at time zone coalesce(p_settings ->> 'timezone', 'UTC')
$$;

-- The first instant at which the clock on the wall reaches a time. An hour that the clock strikes twice counts from its
-- first strike, one that it leaves out from the moment of the change.
create function internal.first_moment(p_settings jsonb, p_wall timestamp) returns timestamptz
language plpgsql stable
as $$
declare
    v_zone text := coalesce(p_settings ->> 'timezone', 'UTC');
    v_at timestamptz := p_wall at time zone v_zone; -- Postgres takes the second strike
    v_unchanged timestamp := (v_at - interval '24 hours') at time zone v_zone + interval '24 hours';
    v_early timestamptz;
    v_middle timestamptz;
begin
    if v_at at time zone v_zone is not distinct from v_unchanged then
        return v_at; -- nobody touched the clock in the last 24 hours: nearly always
    end if;
    v_early := v_at - (v_unchanged - p_wall);
    if v_early at time zone v_zone = p_wall then
        return v_early;
    elsif v_at at time zone v_zone = p_wall then
        return v_at;
    end if;

    v_early := v_at - interval '24 hours'; -- the clock never shows it: close in on the second in which it jumped
    while v_at - v_early > interval '1 second' loop
        v_middle := v_early + (v_at - v_early) / 2;
        if v_middle at time zone v_zone < p_wall then
            v_early := v_middle;
        else
            v_at := v_middle;
        end if;
    end loop;
    return date_trunc('second', v_at);
end
$$;

-- The instant at which a calendar day begins in the server's time zone.
create function internal.day_start(p_settings jsonb, p_day date) returns timestamptz
language sql stable
as $$
    select internal.first_moment(p_settings, p_day::timestamp)
$$;

create function internal.grace_hours(p_settings jsonb) returns integer
language sql immutable
as $$
    select coalesce((p_settings #>> '{streak,grace_hours}')::numeric::integer, 24)
$$;

-- The instant until which a streak lives whose last check-in counted for p_day. By the clock on the wall: a grace of 8 is
-- eight in the morning, and 24 the whole next day, also where the clocks change and a day has 23 or 25 hours. A day that
-- the zone leaves out (30 December 2011 on Samoa) is no day missed: the grace goes on after it.
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

-- When a member can check in next; NULL for now.
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

-- A streak as it counts now: 0 once its grace is over.
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

-- The earliest day of a last check-in whose streak still lives: of many streaks, those with a last_day from here on.
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

create function internal.streak_multiplier(p_settings jsonb, p_streak integer) returns numeric
language plpgsql immutable
as $$
declare
    v_tiers jsonb := p_settings #> '{streak,tiers}';
begin
    if v_tiers is null then
        return case when p_streak < 3 then 1.0 when p_streak < 7 then 1.1 when p_streak < 14 then 1.25
            when p_streak < 30 then 1.5 else 2.0 end;
    end if;
    return coalesce((
        select (tier ->> 'multiplier')::numeric from jsonb_array_elements(v_tiers) as tier
        where (tier ->> 'days')::numeric <= p_streak
        order by (tier ->> 'days')::numeric desc
        limit 1
    ), 1.0);
end
$$;
