-- Give the first ten members of a server by a type (see internal.board) and a period (all, month, week), and the
-- caller's place. rsnc_earned and claims have periods; the other types answer for all.
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
    v_access record;
    v_period text := case when p_type in ('rsnc_earned', 'claims') then p_period else 'all' end;
    v_board text;
begin
    v_access := internal.connected_server(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    v_access.refusal := case p_type when 'reactions' then internal.migration_refusal('008') end;
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;

    v_board := internal.board(v_access.server, p_type, v_period, p_now);
    return jsonb_build_object(
        'outcome', 'leaderboard',
        'type', p_type,
        'period', v_period,
        'asked_period', p_period,
        'ends_at', internal.period_end((v_access.server).config_metadata, v_period, p_now),
        'top', internal.board_top_ten(v_board),
        'own', internal.board_standing(v_board, p_caller.user_id)
    );
end
$$;
