-- Give a page of ten members of a server by a type (see internal.board) and a period (all, month, week). rsnc_earned and
-- claims have periods; the other types answer for all. A page beyond the last that can be asked for, the 100th, is that
-- one, so that no page reads more than a thousand entries of an index.
-- Outcomes: leaderboard {type, period, asked_period, ends_at, page, has_more (a page follows), top [{rank, user_id,
-- value}], own {rank, value}: the caller's place, only for the previous release, which asks for no page};
-- server_not_connected; migration_missing {migration}.
create function public.get_leaderboard(
    p_caller internal.caller,
    p_type text,
    p_period text default 'all',
    p_page integer default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_board record;
    v_page integer := least(greatest(p_page, 1), 100);
    v_ranks jsonb;
begin
    v_board := internal.board_of_caller(p_caller, p_type, p_period, p_now);
    if v_board.refusal is not null then
        return v_board.refusal;
    end if;
    v_ranks := internal.board_ranks(v_board.board, v_page * 10 - 10, 11);
    return v_board.facts || jsonb_build_object(
        'outcome', 'leaderboard',
        'page', v_page,
        'has_more', v_page < 100 and jsonb_array_length(v_ranks) > 10,
        'top', v_ranks - 10,
        'own', case when p_page is null then internal.board_standing(v_board.board, p_caller.user_id) end
    );
end
$$;
