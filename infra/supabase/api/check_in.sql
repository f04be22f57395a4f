-- Check a member in with /daily: extend the streak and pay, once a calendar day of the server's time zone.
-- Outcomes: checked_in {amount, how it came about, streak, next_milestone, milestones (that wait), next_at, deadline,
-- balance}; those of internal.check_earning; already_checked_in {streak, next_at}.
create function public.check_in(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_check record;
    v_settings jsonb;
    v_today date;
    v_streak public.discord_user_streaks;
    v_paid public.reward_ledger;
    v_paid_before jsonb;
begin
    for v_try in 1..5 loop
        v_check := internal.check_earning(p_caller, 'daily_checkin', p_now);
        v_settings := v_check.settings;
        v_today := internal.wall_clock(v_settings, p_now)::date;

        select * into v_streak from public.discord_user_streaks
        where server_id = p_caller.server_id and discord_user_id = p_caller.user_id;
        if v_check.refusal is null and v_streak.last_day >= v_today then
            v_check.refusal := jsonb_build_object(
                'outcome', 'already_checked_in',
                'streak', v_check.streak,
                'next_at', internal.day_start(v_settings, v_streak.last_day + 1)
            );
        end if;
        if v_check.refusal is not null then
            return coalesce(internal.paid_before(p_caller, 'checked_in'), v_check.refusal);
        end if;

        begin
            -- Lock the member's row, so that the second of two simultaneous check-ins finds the day taken.
            insert into public.discord_user_streaks as s
                (server_id, discord_user_id, current_streak, longest_streak, last_checkin, last_day)
            values (p_caller.server_id, p_caller.user_id, 1, 1, p_now, v_today)
            on conflict (server_id, discord_user_id) do update
            set current_streak = case
                    when internal.streak_deadline(v_settings, s.last_day) > p_now then least(s.current_streak, 99999) + 1
                    else 1
                end,
                last_checkin = p_now,
                last_day = v_today
            where s.last_day is null or s.last_day < v_today
            returning * into v_streak;
            if not found then
                raise exception using errcode = 'RSNC1', message = 'another check-in of this member was faster';
            end if;

            v_paid := internal.pay(
                p_caller, v_check.rule, 'daily', v_today::text,
                internal.reward(
                    v_settings, coalesce((v_check.rule).reward_amount, 0), v_streak.current_streak, p_caller.role_ids
                ) || jsonb_build_object(
                    'next_milestone', internal.next_milestone(v_settings, v_streak.longest_streak),
                    'milestones', internal.waiting_milestone_facts(
                        v_settings, p_caller.server_id, p_caller.user_id, v_streak.longest_streak
                    ),
                    'next_at', internal.day_start(v_settings, v_today + 1),
                    'deadline', internal.streak_deadline(v_settings, v_today)
                ),
                p_now
            );
            return internal.receipt(v_paid) || jsonb_build_object('outcome', 'checked_in');
        exception
            when sqlstate 'RSNC1' or unique_violation then -- see claim_drop
                null;
        end;
        -- This interaction's first delivery, before midnight, may have been paid for the day before.
        v_paid_before := internal.paid_before(p_caller, 'checked_in');
        if v_paid_before is not null then
            return v_paid_before;
        end if;
    end loop;
    -- The day is paid, and somebody has changed the streak since.
    perform from public.reward_ledger
    where source = 'daily' and server_id = p_caller.server_id and discord_user_id = p_caller.user_id
        and reference = v_today::text;
    if not found then
        raise exception using errcode = 'RSNC2', message = 'check_in came to no decision';
    end if;
    return jsonb_build_object(
        'outcome', 'already_checked_in',
        'streak', v_check.streak,
        'next_at', internal.day_start(v_settings, v_today + 1)
    );
end
$$;
