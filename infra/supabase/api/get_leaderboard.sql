-- The first ten members of a server by a type (see internal.board) and a period (all, month, week), and where the caller
-- stands. Only what the ledger has has periods; the other types answer for all.
-- Outcomes: leaderboard {type, period, asked_period, ends_at, top [{rank, user_id, value}], own {rank, value}};
-- server_not_connected; migration_missing {migration}.
create function public.get_leaderboard(
    p_caller internal.caller,
    p_type text,
    p_period text default 'all',
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_open record;
    v_period text := case when p_type in ('rsnc_earned', 'claims') then p_period else 'all' end;
    v_board text;
begin
    v_open := internal.connected_server(p_caller);
    if v_open.refusal is not null then
        return v_open.refusal;
    end if;
    if p_type = 'reactions' and not exists (
        select from pg_catalog.pg_attribute
        where attrelid = 'public.discord_user_stats'::regclass and attname = 'reactions_received'
    ) then
        return jsonb_build_object('outcome', 'migration_missing', 'migration', '008');
    end if;

    v_board := internal.board(v_open.server, p_type, v_period, p_now);
    return jsonb_build_object(
        'outcome', 'leaderboard',
        'type', p_type,
        'period', v_period,
        'asked_period', p_period,
        'ends_at', internal.period_end((v_open.server).config_metadata, v_period, p_now),
        'top', internal.top_ten(v_board),
        'own', internal.standing(v_board, p_caller.user_id)
    );
end
$$;
