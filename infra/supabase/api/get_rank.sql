-- Give the caller's place on a leaderboard; arguments and refusals as for get_leaderboard.
-- Outcomes: rank {type, period, asked_period, ends_at, own {rank, value} (NULL: not on it)}; server_not_connected;
-- migration_missing {migration}.
create function public.get_rank(
    p_caller internal.caller,
    p_type text,
    p_period text default 'all',
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_board record;
begin
    v_board := internal.board_of_caller(p_caller, p_type, p_period, p_now);
    if v_board.refusal is not null then
        return v_board.refusal;
    end if;
    return v_board.facts || jsonb_build_object(
        'outcome', 'rank', 'own', internal.board_standing(v_board.board, p_caller.user_id)
    );
end
$$;
