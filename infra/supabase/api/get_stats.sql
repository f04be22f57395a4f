-- Give what a server's members have earned in a period (week, month, all), by every row of the ledger, for an admin.
-- Outcomes: stats {period, ends_at, members (who earned something), rewards, paid, taken_back, days [{day, rewards,
-- rsnc (NULL: nothing happened)}: the parts of internal.period_parts], events [{event, label, rewards, rsnc}: the five
-- most frequent], top [{rank, user_id, value}: the five who earned most]}; not_allowed; server_not_connected;
-- migration_missing {migration}.
create function public.get_stats(
    p_caller internal.caller,
    p_period text default 'week',
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
    v_server public.discord_server_configs;
    v_sums jsonb;
    v_period_key text;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    v_access.refusal := coalesce(v_access.refusal, internal.migration_refusal('009'));
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    v_server := v_access.server;
    v_period_key := internal.period(p_period, internal.wall_clock(v_server.config_metadata, p_now)::date);

    with sums as materialized (
        select part, event_type, rsnc, case when source <> 'reversal' then entries else 0 end as rewards,
            case when source = 'reversal' then -rsnc else 0 end as taken_back
        from internal.period_sums(v_server, p_period, p_now)
    )
    select jsonb_build_object(
        'rewards', (select sum(rewards) from sums),
        'paid', (select coalesce(sum(rsnc + taken_back), 0) from sums),
        'taken_back', (select sum(taken_back) from sums),
        'days', (
            select jsonb_agg(jsonb_build_object('day', part, 'rewards', rewards, 'rsnc', rsnc) order by part nulls first)
            from (select part, sum(rewards) as rewards, sum(rsnc) as rsnc from sums group by part) as d
        ),
        'events', (
            select coalesce(jsonb_agg(
                jsonb_build_object('event', e.event_type, 'label', r.label, 'rewards', e.rewards, 'rsnc', e.rsnc)
                order by e.rewards desc, e.rsnc desc, e.event_type
            ), '[]')
            from (
                select event_type, sum(rewards) as rewards, sum(rsnc) as rsnc
                from sums where event_type is not null
                group by 1 order by 2 desc, 3 desc, 1 limit 5
            ) as e
            left join lateral internal.rule(v_server.brand_id, v_server.server_id, e.event_type) as r on true
        )
    ) into v_sums;

    return v_sums || jsonb_build_object(
        'outcome', 'stats',
        'period', p_period,
        'ends_at', internal.period_end(v_server.config_metadata, p_period, p_now),
        'members', (
            select count(*) from public.member_earnings
            where server_id = p_caller.server_id and period = v_period_key and claims > 0
        ),
        'top', internal.board_ranks(internal.board(v_server, 'rsnc_earned', p_period, p_now), 0, 5)
    );
end
$$;
