-- Check a member in with /daily: extend the streak and pay, once a calendar day of the server's time zone.
-- Outcomes: checked_in {amount, how it came about, streak, ended_streak (the length of the one that has lapsed; NULL:
-- none has), next_milestone, reached_at, milestones (that wait), next_at, deadline, balance}; those of internal.check_earning; already_checked_in {streak, next_at}.
create function public.check_in(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_check record;
    v_answer jsonb;
    v_settings jsonb;
    v_today date;
    v_ended integer;
    v_streak public.discord_user_streaks;
    v_next jsonb;
begin
    -- Lock the table before the ledger is read, as migration 009 does: it may come while members check in.
    lock table public.discord_user_streaks in row exclusive mode;
    perform internal.lock_earner(p_caller.server_id, p_caller.user_id);
    v_check := internal.check_check_in(p_caller, p_now);
    if v_check.refusal is null and internal.lock_total(p_caller.server_id, v_check.rule) then
        v_check := internal.check_check_in(p_caller, p_now);
    end if;
    -- This interaction's first delivery, before midnight, may have been paid for the day before.
    v_answer := coalesce(internal.paid_before(p_caller, 'checked_in'), v_check.refusal);
    if v_answer is not null then
        return v_answer;
    end if;

    v_settings := v_check.settings;
    v_today := v_check.today;
    if v_check.streak = 0 then
        v_ended := internal.ended_streak(p_caller.server_id, p_caller.user_id);
    end if;
    insert into public.discord_user_streaks as s
        (server_id, discord_user_id, current_streak, longest_streak, last_checkin, last_day)
    values (p_caller.server_id, p_caller.user_id, 1, 1, p_now, v_today)
    on conflict (server_id, discord_user_id) do update
    set current_streak = least(v_check.streak, 99999) + 1, last_checkin = p_now, last_day = v_today
    returning * into v_streak;
    v_next := internal.next_milestone(v_settings, v_streak.longest_streak);
    return internal.receipt(internal.pay(
        p_caller, v_check.rule, 'daily', v_today::text,
        internal.reward(
            v_settings, coalesce((v_check.rule).reward_amount, 0), v_streak.current_streak, p_caller.role_ids
        ) || jsonb_build_object(
            'ended_streak', v_ended,
            'next_milestone', v_next,
            'reached_at', internal.milestone_reached_at(
                v_settings, (v_next ->> 'days')::numeric, v_streak.current_streak, v_today, p_now
            ),
            'milestones', internal.waiting_milestone_facts(
                v_settings, p_caller.server_id, p_caller.user_id, v_streak.longest_streak
            ),
            'next_at', internal.day_start(v_settings, v_today + 1),
            'deadline', internal.streak_deadline(v_settings, v_today)
        ),
        p_caller.user_id, null, p_now
    )) || jsonb_build_object('outcome', 'checked_in');
end
$$;
