-- The periods of sums and leaderboards: week, month, all, by the server's calendar.

-- Give when the current week or month ends; NULL for all, which never does.
create function internal.period_end(p_settings jsonb, p_period text, p_now timestamptz) returns timestamptz
language plpgsql stable
as $$
begin
    if p_period = 'all' then
        return null;
    end if;
    return internal.day_start(
        p_settings,
        (date_trunc(p_period, internal.wall_clock(p_settings, p_now)) + ('1 ' || p_period)::interval)::date
    );
end
$$;

-- Split a period into parts: a week into its days, a month into its days so far, all into the last twelve months.
--   name       the day that names the part; NULL for everything before the twelve months of all
--   first_day  its first day
--   end_day    the day after its last one: the last part includes the days to come
--   starts_at  the instant at which first_day begins
--   ends_at    the instant at which end_day begins
create function internal.period_parts(p_settings jsonb, p_period text, p_now timestamptz)
returns table (name date, first_day date, end_day date, starts_at timestamptz, ends_at timestamptz)
language plpgsql stable
as $$
declare
    v_today date := internal.wall_clock(p_settings, p_now)::date;
    v_first date := case p_period
        when 'all' then date_trunc('month', v_today) - interval '11 months' else date_trunc(p_period, v_today) end;
    v_end date := case p_period
        when 'all' then 'infinity'::date else date_trunc(p_period, v_today) + ('1 ' || p_period)::interval end;
    v_last date := case p_period when 'week' then v_end - 1 else v_today end;
    v_step interval := case p_period when 'all' then '1 month' else '1 day' end;
begin
    return query
    select d.name, d.first_day, d.end_day, internal.day_start(p_settings, d.first_day),
        internal.day_start(p_settings, d.end_day)
    from (
        select at::date as name, at::date as first_day,
            case when at + v_step > v_last then v_end else (at + v_step)::date end as end_day
        from generate_series(v_first::timestamp, v_last::timestamp, v_step) as at
        union all
        select null, '-infinity', v_first where p_period = 'all'
    ) as d;
end
$$;

-- Sum a server's ledger by part of a period, event and source: the number of entries and their RSNC, where reversals
-- are negative. May give several rows per key; add them up: it also groups by day, which is the order of the index. A
-- part without entries is one row of NULLs. Entries from before migration 009 have no day and count by their time.
create function internal.period_sums(p_server public.discord_server_configs, p_period text, p_now timestamptz)
returns table (part date, event_type text, source text, entries bigint, rsnc numeric)
language plpgsql stable
as $$
begin
    return query
    select p.name, l.event_type, l.source, l.entries, l.rsnc
    from internal.period_parts(p_server.config_metadata, p_period, p_now) as p
    left join lateral (
        select d.event_type, d.source, count(*) as entries, sum(amount) as rsnc from public.reward_ledger as d
        where server_id = p_server.server_id and day >= p.first_day and day < p.end_day
        group by day, d.event_type, d.source
        union all
        select u.event_type, u.source, count(*), sum(amount) from public.reward_ledger as u
        where server_id = p_server.server_id and day is null and created_at >= p.starts_at and created_at < p.ends_at
        group by u.event_type, u.source
    ) as l on true;
end
$$;
