-- The clock of a server, by the time zone in its settings. All times are instants, all days calendar days.
--
-- Functions of one expression are `language sql` without SET, so Postgres inlines them; they use the caller's
-- search_path. Functions with a query are plpgsql: before Postgres 18 an SQL function that is not inlined is planned
-- anew at every call.

-- Give the time that the server's clock shows at an instant. Its date is the calendar day.
create function internal.wall_clock(p_settings jsonb, p_at timestamptz) returns timestamp
language sql stable
as $$
    select p_at at time zone coalesce(p_settings ->> 'timezone', 'UTC')
$$;

-- Give the first instant at which the server's clock reaches a time. If a clock change repeats the
-- time, take the first; if it skips the time, take the moment of the change.
create function internal.first_moment(p_settings jsonb, p_wall timestamp) returns timestamptz
language plpgsql stable
as $$
declare
    v_zone text := coalesce(p_settings ->> 'timezone', 'UTC');
    v_at timestamptz := p_wall at time zone v_zone; -- Postgres takes the second of two
    v_wall_unchanged timestamp := (v_at - interval '24 hours') at time zone v_zone + interval '24 hours';
    v_early timestamptz;
    v_middle timestamptz;
begin
    if v_at at time zone v_zone is not distinct from v_wall_unchanged then
        return v_at; -- the offset did not change in the last 24 hours: nearly always
    end if;
    v_early := v_at - (v_wall_unchanged - p_wall);
    if v_early at time zone v_zone = p_wall then
        return v_early;
    elsif v_at at time zone v_zone = p_wall then
        return v_at;
    end if;

    v_early := v_at - interval '24 hours'; -- the time is skipped: search for the second of the change by bisection
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

-- Give the instant at which a calendar day begins in the server's time zone.
create function internal.day_start(p_settings jsonb, p_day date) returns timestamptz
language sql stable
as $$
    select internal.first_moment(p_settings, p_day::timestamp)
$$;

-- Give by how many minutes a change of settings puts a server's clock forward; NULL where the system no longer knows
-- the old time zone.
create function internal.clock_shift(p_before jsonb, p_after jsonb, p_now timestamptz) returns integer
language plpgsql stable
as $$
begin
    return extract(epoch from internal.wall_clock(p_after, p_now) - internal.wall_clock(p_before, p_now)) / 60;
exception
    when invalid_parameter_value then
        return null;
end
$$;

-- Give the names of the time zones that an admin can choose: those of the IANA, without a system's duplicates.
create function internal.time_zones() returns setof text
language plpgsql stable
as $$
begin
    return query
    select name from pg_timezone_names
    where name !~ '^(posix|right)/' and name not in ('posixrules', 'localtime', 'Factory');
end
$$;
