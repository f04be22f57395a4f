-- Give what a member has on a server: the caller, or p_member_id. Answer for a disconnected server too: it stays
-- theirs.
-- Outcomes: balance {member_id, total, streak, longest, rank, can_check_in (the caller, now)}; server_not_connected.
create function public.get_balance(
    p_caller internal.caller,
    p_member_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
    v_member_id text := coalesce(p_member_id, p_caller.user_id);
    v_board text;
    v_check_in jsonb;
begin
    v_access := internal.known_server(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    v_board := internal.board(v_access.server, 'rsnc_earned', 'all', p_now);
    if v_member_id = p_caller.user_id and (v_access.server).is_active is not false then
        v_check_in := internal.check_in_facts(v_access.server, v_member_id, p_now);
    end if;
    return internal.member_facts(v_access.server, v_member_id, p_now) || jsonb_build_object(
        'outcome', 'balance', 'rank', internal.board_standing(v_board, v_member_id) -> 'rank',
        'can_check_in', coalesce(v_check_in -> 'next_at' = 'null', false)
    );
end
$$;
