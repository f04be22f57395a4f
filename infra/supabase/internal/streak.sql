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

-- The instant at which a calendar day begins in the server's time zone.
create function internal.day_start(p_settings jsonb, p_day date) returns timestamptz
language sql stable
as $$
    select p_day::timestamp at time zone coalesce(p_settings ->> 'timezone', 'UTC')
$$;

create function internal.grace(p_settings jsonb) returns interval
language sql immutable
as $$
    select pg_catalog.make_interval(hours => coalesce((p_settings #>> '{streak,grace_hours}')::numeric::integer, 24))
$$;

-- The instant until which a streak lives whose last check-in counted for p_day. By the clock on the wall: a grace of 8 is
-- eight in the morning, and 24 the whole next day, also where the clocks change and a day has 23 or 25 hours.
create function internal.streak_deadline(p_settings jsonb, p_day date) returns timestamptz
language sql stable
as $$
    select ((p_day + 1)::timestamp + internal.grace(p_settings)) at time zone coalesce(p_settings ->> 'timezone', 'UTC')
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

-- The next milestone after a streak as {days, reward}, or NULL.
create function internal.next_milestone(p_settings jsonb, p_streak integer) returns jsonb
language plpgsql immutable
as $$
begin
    return (
        select milestone
        from jsonb_array_elements(coalesce(
            p_settings #> '{streak,milestones}',
            '[{"days": 7, "reward": 50}, {"days": 30, "reward": 200},
              {"days": 100, "reward": 1000}, {"days": 365, "reward": 5000}]'
        )) as milestone
        where (milestone ->> 'days')::numeric > p_streak
        order by (milestone ->> 'days')::numeric
        limit 1
    );
end
$$;
