-- The caller's streak as it counts now, until when it lives, and which milestones wait to be taken.
-- Outcomes: streak {streak, longest, multiplier, is_open (can the member check in, now or later?), next_at (NULL: now),
-- deadline, next_milestone, milestones [{days, reward}]}; server_not_connected.
create function public.get_streak(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_open record;
    v_settings jsonb;
    v_row public.discord_user_streaks;
    v_streak integer;
    v_daily jsonb;
begin
    v_open := internal.connected_server(p_caller);
    if v_open.refusal is not null then
        return v_open.refusal;
    end if;
    v_settings := (v_open.server).config_metadata;

    select * into v_row from public.discord_user_streaks
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id;
    v_daily := internal.daily_facts(v_open.server, p_caller.user_id, p_now);
    v_streak := internal.living_streak(v_settings, v_row.current_streak, v_row.last_day, p_now);
    return jsonb_build_object(
        'outcome', 'streak',
        'streak', v_streak,
        'longest', coalesce(v_row.longest_streak, 0),
        'multiplier', internal.streak_multiplier(v_settings, v_streak),
        'is_open', v_daily is not null,
        'next_at', v_daily -> 'next_at',
        'deadline', case when v_streak > 0 then internal.streak_deadline(v_settings, v_row.last_day) end,
        'next_milestone', internal.next_milestone(v_settings, v_row.longest_streak),
        'milestones', internal.waiting_milestone_facts(
            v_settings, p_caller.server_id, p_caller.user_id, v_row.longest_streak
        )
    );
end
$$;
