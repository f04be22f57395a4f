-- Streak milestones: a server pays each once in a lifetime to whoever has ever had a streak of so many days.

-- Give the milestones of a server by days. Of two for the same number of days (7 and 7.0 are the same) take the higher
-- reward.
create function internal.milestones(p_settings jsonb) returns table (days numeric, reward numeric)
language plpgsql immutable rows 4
as $$
begin
    return query
    select trim_scale((milestone ->> 'days')::numeric), max(round((milestone ->> 'reward')::numeric, 2))
    from jsonb_array_elements(coalesce(
        p_settings #> '{streak,milestones}',
        '[{"days": 7, "reward": 50}, {"days": 30, "reward": 200},
          {"days": 100, "reward": 1000}, {"days": 365, "reward": 5000}]'
    )) as milestone
    group by 1
    order by 1;
end
$$;

-- Give what people read of a milestone: {days, reward}.
create function internal.milestone_facts(p_days numeric, p_reward numeric) returns jsonb
language sql immutable
as $$
    select pg_catalog.jsonb_build_object('days', p_days, 'reward', p_reward)
$$;

-- Give the first milestone that a member has never reached as {days, reward}, or NULL. Go by the longest streak: the
-- milestones up to it are taken or wait, and a later streak does not earn them again.
create function internal.next_milestone(p_settings jsonb, p_longest integer) returns jsonb
language plpgsql immutable
as $$
begin
    return (
        select internal.milestone_facts(days, reward) from internal.milestones(p_settings)
        where days > p_longest
        order by days
        limit 1
    );
end
$$;

-- Give the milestones that a member has reached and not taken yet, by days.
create function internal.waiting_milestones(p_settings jsonb, p_server_id text, p_user_id text, p_longest integer)
returns table (days numeric, reward numeric)
language plpgsql stable rows 4
as $$
begin
    return query
    select m.days, m.reward from internal.milestones(p_settings) as m
    where m.days <= p_longest and not exists (
        select from public.reward_ledger as l
        where l.server_id = p_server_id and l.discord_user_id = p_user_id and l.source = 'milestone'
            and l.reference = m.days::text
    )
    order by m.days;
end
$$;

-- Give the waiting milestones as a list of internal.milestone_facts.
create function internal.waiting_milestone_facts(p_settings jsonb, p_server_id text, p_user_id text, p_longest integer)
returns jsonb
language plpgsql stable
as $$
begin
    return (
        select coalesce(jsonb_agg(internal.milestone_facts(days, reward) order by days), '[]')
        from internal.waiting_milestones(p_settings, p_server_id, p_user_id, p_longest)
    );
end
$$;

-- Check which milestone the caller may take now: the one of p_days, else the smallest that waits; reads only. Gives the
-- refusal (server_not_connected, those of internal.member_refusal and internal.milestone_refusal), or NULL and what is
-- paid; `others` are those that wait as well.
create function internal.check_milestone(
    p_caller internal.caller,
    p_days integer,
    p_now timestamptz,
    out refusal jsonb,
    out rule public.monitoring_rules,
    out days numeric,
    out reward numeric,
    out streak integer,
    out others jsonb
)
language plpgsql stable
as $$
declare
    v_access record;
    v_settings jsonb;
    v_member record;
    v_waiting jsonb;
begin
    v_access := internal.connected_server(p_caller);
    v_settings := (v_access.server).config_metadata;
    refusal := coalesce(v_access.refusal, internal.member_refusal(p_caller, v_access.server, p_now));
    if refusal is not null then
        return;
    end if;

    v_member := internal.member_streak(v_settings, p_caller.server_id, p_caller.user_id, p_now);
    streak := v_member.streak;
    -- Go by the longest streak: it never falls, so a lapse takes no milestone away.
    v_waiting := internal.waiting_milestone_facts(v_settings, p_caller.server_id, p_caller.user_id, v_member.longest);
    select w.days, w.reward into days, reward
    from jsonb_to_recordset(v_waiting) as w (days numeric, reward numeric)
    order by w.days = p_days desc, w.days
    limit 1;
    if days is null or days <> p_days then
        refusal := internal.milestone_refusal(
            p_caller, v_settings, p_days, streak, v_member.longest, v_member.last_day, p_now
        );
        return;
    end if;

    others := (
        select coalesce(jsonb_agg(waiting), '[]') from jsonb_array_elements(v_waiting) as waiting
        where (waiting ->> 'days')::numeric <> days
    );
    -- Make up a rule, so that event_claims limits it to once in a lifetime. No event may have such a type (migration
    -- 010).
    rule.brand_id := (v_access.server).brand_id;
    rule.event_type := 'streak_milestone:' || days;
    rule.max_claims_per_user := 1;
end
$$;

-- Give the first moment at which a check-in on every day can bring a streak to so many days; NULL: today, or for no
-- days.
create function internal.milestone_reached_at(
    p_settings jsonb,
    p_days numeric,
    p_streak integer,
    p_last_day date,
    p_now timestamptz
) returns timestamptz
language plpgsql stable
as $$
declare
    v_today date := internal.wall_clock(p_settings, p_now)::date;
    v_next_day date := greatest(v_today, p_last_day + 1); -- of the next check-in
    v_day date := v_next_day + least(ceil(p_days) - p_streak - 1, 1000000)::integer;
begin
    return case when p_days is not null and v_day > v_today then internal.day_start(p_settings, v_day) end;
end
$$;

-- Refuse a milestone that does not wait: milestone_unknown {days, milestones}, milestone_not_reached {days, reward,
-- streak, reached_at}, milestone_taken {days, amount, claimed_at}; where p_days is NULL, no_milestone {streak,
-- next_milestone, reached_at}.
create function internal.milestone_refusal(
    p_caller internal.caller,
    p_settings jsonb,
    p_days integer,
    p_streak integer,
    p_longest integer,
    p_last_day date,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_next jsonb;
    v_reward numeric;
    v_payment public.reward_ledger;
begin
    if p_days is null then
        v_next := internal.next_milestone(p_settings, p_longest);
        return jsonb_build_object(
            'outcome', 'no_milestone',
            'streak', p_streak,
            'next_milestone', v_next,
            'reached_at', internal.milestone_reached_at(
                p_settings, (v_next ->> 'days')::numeric, p_streak, p_last_day, p_now
            )
        );
    end if;

    select reward into v_reward from internal.milestones(p_settings) where days = p_days;
    if not found then
        return jsonb_build_object('outcome', 'milestone_unknown', 'days', p_days, 'milestones', coalesce((
            select jsonb_agg(internal.milestone_facts(days, reward) order by days) from internal.milestones(p_settings)
        ), '[]'));
    end if;
    if p_days > p_longest then
        return jsonb_build_object(
            'outcome', 'milestone_not_reached',
            'days', p_days,
            'reward', v_reward,
            'streak', p_streak,
            'reached_at', internal.milestone_reached_at(p_settings, p_days, p_streak, p_last_day, p_now)
        );
    end if;
    select * into v_payment from public.reward_ledger
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id and source = 'milestone'
        and reference = p_days::text;
    return jsonb_build_object(
        'outcome', 'milestone_taken', 'days', p_days, 'amount', v_payment.amount, 'claimed_at', v_payment.created_at
    );
end
$$;
