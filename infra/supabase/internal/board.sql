-- Leaderboards. A board is the text of a query for (discord_user_id, value, since): the higher value ranks first, of
-- equals the earlier since, then the smaller id. It is text, so that each board is planned for an index of its own.

-- Give the board of a type: rsnc_earned and claims in a month, a week or all, by the ledger; streak as it counts now;
-- messages, voice (minutes) and reactions as other programs count them.
create function internal.board(
    p_server public.discord_server_configs,
    p_type text,
    p_period text,
    p_now timestamptz
) returns text
language plpgsql stable
as $$
begin
    if p_type in ('rsnc_earned', 'claims') then
        return internal.earnings_board(p_server, p_type, p_period, p_now);
    elsif p_type = 'streak' then
        return format(
            'select discord_user_id, current_streak as value, last_checkin as since from public.discord_user_streaks
            where server_id = %L and current_streak > 0 and last_day >= %L',
            p_server.server_id, internal.oldest_living_day(p_server.config_metadata, p_now)
        );
    end if;
    return format( -- since is unknown: rank the older account first, by its shorter or smaller id
        'select discord_user_id, %1$I as value, length(discord_user_id) as since from public.discord_user_stats
        where server_id = %2$L and %1$I > 0',
        '{"messages": "messages_count", "voice": "voice_minutes", "reactions": "reactions_received"}'::jsonb ->> p_type,
        p_server.server_id
    );
end
$$;

-- Give the board of what members have earned. Without migration 009 there are no sums: add up the ledger itself, slowly
-- on a large server, and by the time zone of today.
create function internal.earnings_board(
    p_server public.discord_server_configs,
    p_type text,
    p_period text,
    p_now timestamptz
) returns text
language plpgsql stable
as $$
declare
    v_today date := internal.wall_clock(p_server.config_metadata, p_now)::date;
begin
    if internal.missing_migrations() ? '009' then
        return format(
            'select discord_user_id, %s as value, max(created_at) filter (where %s) as since from public.reward_ledger
            where server_id = %L and created_at >= %L group by discord_user_id having %1$s > 0',
            case p_type when 'rsnc_earned' then 'sum(amount)' else 'count(*) filter (where source <> ''reversal'')' end,
            case p_type when 'rsnc_earned' then 'amount <> 0' else 'source <> ''reversal''' end,
            p_server.server_id,
            case when p_period = 'all' then '-infinity'
                else internal.day_start(p_server.config_metadata, date_trunc(p_period, v_today)::date) end
        );
    end if;
    return format(
        'select discord_user_id, %1$I as value, %2$I as since from public.member_earnings
        where server_id = %3$L and period = %4$L and %1$I > 0',
        case p_type when 'rsnc_earned' then 'rsnc' else 'claims' end,
        case p_type when 'rsnc_earned' then 'rsnc_since' else 'claims_since' end,
        p_server.server_id,
        internal.period(p_period, v_today)
    );
end
$$;

-- Give the board of a type and a period for the caller's server with its facts {type, period, asked_period, ends_at}; or
-- the refusal: server_not_connected, migration_missing. Only earnings have periods: other boards answer for all.
create function internal.board_of_caller(
    p_caller internal.caller,
    p_type text,
    p_period text,
    p_now timestamptz,
    out refusal jsonb,
    out board text,
    out facts jsonb
)
language plpgsql stable
as $$
declare
    v_access record;
    v_period text := case when p_type in ('rsnc_earned', 'claims') then p_period else 'all' end;
begin
    v_access := internal.connected_server(p_caller);
    refusal := coalesce(
        v_access.refusal, case p_type when 'reactions' then internal.migration_refusal('008') end
    );
    if refusal is not null then
        return;
    end if;
    board := internal.board(v_access.server, p_type, v_period, p_now);
    facts := jsonb_build_object(
        'type', p_type,
        'period', v_period,
        'asked_period', p_period,
        'ends_at', internal.period_end((v_access.server).config_metadata, v_period, p_now)
    );
end
$$;

-- Give up to p_limit of a board below its first p_above as a list of {rank, user_id, value}. It reads p_above + p_limit
-- entries of an index.
create function internal.board_ranks(p_board text, p_above integer, p_limit integer) returns jsonb
language plpgsql stable
as $$
declare
    v_ranks jsonb;
begin
    execute format(
        'select coalesce(jsonb_agg(jsonb_build_object(''rank'', rank, ''user_id'', discord_user_id, ''value'', value) order by rank), ''[]'')
        from (
            select row_number() over (order by value desc, since, discord_user_id) as rank, discord_user_id, value
            from (%s) as board order by value desc, since, discord_user_id limit %s offset %s
        ) as ranks',
        p_board, p_limit, p_above
    ) into v_ranks;
    return v_ranks;
end
$$;

-- Give a member's place on a board as {rank, value}, or NULL if the member is not on it.
create function internal.board_standing(p_board text, p_user_id text) returns jsonb
language plpgsql stable
as $$
declare
    v_standing jsonb;
begin
    execute format(
        'with board as not materialized (%s),
        own as materialized (select * from board where discord_user_id = %L)
        select jsonb_build_object(''value'', own.value, ''rank'', 1
            + (select count(*) from board where board.value > own.value)
            + (select count(*) from board where board.value = own.value
                and (board.since, board.discord_user_id) < (own.since, own.discord_user_id)))
        from own',
        p_board, p_user_id
    ) into v_standing;
    return v_standing;
end
$$;
