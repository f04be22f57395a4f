-- Give the caller's current streak, when it ends, and which milestones wait.
-- Outcomes: streak {streak, longest, multiplier, is_open (the member can check in, now or later), next_at (NULL: now),
-- deadline, next_milestone, reached_at (the first moment at which it can be; NULL: today), milestones [{days,
-- reward}]}; server_not_connected.
create function public.get_streak(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
    v_settings jsonb;
    v_member record;
    v_check_in jsonb;
    v_next jsonb;
begin
    v_access := internal.connected_server(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    v_settings := (v_access.server).config_metadata;

    v_member := internal.member_streak(v_settings, p_caller.server_id, p_caller.user_id, p_now);
    v_check_in := internal.check_in_facts(v_access.server, p_caller.user_id, p_now);
    v_next := internal.next_milestone(v_settings, v_member.longest);
    return jsonb_build_object(
        'outcome', 'streak',
        'streak', v_member.streak,
        'longest', v_member.longest,
        'multiplier', internal.streak_multiplier(v_settings, v_member.streak),
        'is_open', v_check_in is not null,
        'next_at', v_check_in -> 'next_at',
        'deadline', case when v_member.streak > 0 then internal.streak_deadline(v_settings, v_member.last_day) end,
        'next_milestone', v_next,
        'reached_at', internal.milestone_reached_at(
            v_settings, (v_next ->> 'days')::numeric, v_member.streak, v_member.last_day, p_now
        ),
        'milestones', internal.waiting_milestone_facts(
            v_settings, p_caller.server_id, p_caller.user_id, v_member.longest
        )
    );
end
$$;
