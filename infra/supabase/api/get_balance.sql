-- What a member has on a server: the caller, or who is named. Also where the server is disconnected: it stays theirs.
-- Outcomes: balance {member_id, total, streak, longest, rank}; server_not_connected.
create function public.get_balance(
    p_caller internal.caller,
    p_member_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_member_id text := coalesce(p_member_id, p_caller.user_id);
    v_server public.discord_server_configs;
    v_streak public.discord_user_streaks;
begin
    select * into v_server from public.discord_server_configs where server_id = p_caller.server_id;
    if not found then
        return jsonb_build_object('outcome', 'server_not_connected');
    end if;
    select * into v_streak from public.discord_user_streaks
    where server_id = p_caller.server_id and discord_user_id = v_member_id;
    return jsonb_build_object(
        'outcome', 'balance',
        'member_id', v_member_id,
        'total', coalesce((
            select rsnc_total from public.discord_user_stats
            where server_id = p_caller.server_id and discord_user_id = v_member_id
        ), 0),
        'streak', internal.living_streak(v_server.config_metadata, v_streak.current_streak, v_streak.last_day, p_now),
        'longest', coalesce(v_streak.longest_streak, 0),
        'rank', internal.standing(internal.board(v_server, 'rsnc_earned', 'all', p_now), v_member_id) -> 'rank'
    );
end
$$;
