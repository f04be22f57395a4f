-- Give what the caller can take on a server, now and later: the check-in, the events whose cooldown runs (soonest
-- first), those that are ready, those that are used up.
-- Outcomes: cooldowns {refusal (internal.member_refusal), daily (internal.check_in_facts), waiting [{event, label,
-- retry_at}], ready [{event, label, reward}], used_up [{event, label}], reactions (internal.refused_reactions)};
-- server_not_connected; category_needed (internal.place_refusal).
create function public.get_cooldowns(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
    v_access record;
    v_refusal jsonb;
begin
    v_access := internal.connected_server(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    v_refusal := internal.member_refusal(p_caller, v_access.server, p_now);
    if v_refusal ->> 'outcome' = 'category_needed' then
        return v_refusal;
    end if;
    return (
        select jsonb_build_object(
            'outcome', 'cooldowns',
            'refusal', v_refusal,
            'daily', internal.check_in_facts(v_access.server, p_caller.user_id, p_now),
            'waiting', coalesce(jsonb_agg(name || jsonb_build_object('retry_at', retry_at) order by retry_at, event_type)
                filter (where state = 'waiting'), '[]'),
            'ready', coalesce(jsonb_agg(name || jsonb_build_object('reward', reward) order by event_type)
                filter (where state = 'ready' and (is_claimable or event_type = 'welcome_bonus')), '[]'),
            'used_up', coalesce(jsonb_agg(name order by event_type)
                filter (where state = 'used_up' and (is_claimable or event_type = 'daily_checkin')), '[]'),
            'reactions', internal.refused_reactions(p_caller.server_id, p_caller.user_id, p_now)
        )
        from internal.rules_of(v_access.server) as r
        cross join lateral internal.event_state(r, p_caller.server_id, p_caller.user_id, p_now)
        cross join lateral (
            select coalesce(reward_amount, 0) as reward, internal.is_claimable(r) as is_claimable,
                jsonb_build_object('event', event_type, 'label', label) as name
        ) as event
    );
end
$$;
