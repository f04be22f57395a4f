-- How a member stands on a server, for an admin.
-- Outcomes: member {member_id, disabled {since, by, reason} or NULL, total, streak, longest, last: internal.entry_facts or
-- NULL}; not_allowed; server_not_connected.
create function public.get_member(p_caller internal.caller, p_member_id text, p_now timestamptz default now())
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_open record;
    v_streak public.discord_user_streaks;
begin
    select * into v_open from internal.open_server(p_caller);
    if v_open.refusal is not null then
        return v_open.refusal;
    end if;
    select * into v_streak from public.discord_user_streaks
    where server_id = p_caller.server_id and discord_user_id = p_member_id;
    return jsonb_build_object(
        'outcome', 'member',
        'member_id', p_member_id,
        'disabled', (
            select jsonb_build_object('since', disabled_at, 'by', disabled_by, 'reason', reason)
            from public.disabled_members where server_id = p_caller.server_id and discord_user_id = p_member_id
        ),
        'total', coalesce((
            select rsnc_total from public.discord_user_stats
            where server_id = p_caller.server_id and discord_user_id = p_member_id
        ), 0),
        'streak', internal.living_streak(
            (v_open.server).config_metadata, v_streak.current_streak, v_streak.last_day, p_now
        ),
        'longest', coalesce(v_streak.longest_streak, 0),
        'last', (
            select internal.entry_facts(l) from public.reward_ledger as l
            where server_id = p_caller.server_id and discord_user_id = p_member_id
            order by id desc
            limit 1
        )
    );
end
$$;
