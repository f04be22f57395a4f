-- The parts of a period by which its sums are told: the days of a week, the days so far of a month, the last twelve months
-- of all time. A part goes from a day up to another one, and so from an instant to another. The last part of a month has
-- its other days too, the last of all time has all that follows, and the first of all time, which has no name, all before:
-- the parts are the whole period, whatever other programs date into it.
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

-- The sums of a server's ledger by the parts of a period, by event and by source (several rows for each): how many rewards,
-- and the RSNC, where what was taken back is negative; a part without any is one row of NULLs. A row from before migration
-- 009 has no day: it counts by its time, as 009 counts it. Grouped by day as well, because that is the index's own order.
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
