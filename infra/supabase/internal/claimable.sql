-- May members take this event with /claim? Two events have commands of their own, whatever their rules say: the check-in
-- has no cooldown but the streak's rule, and the welcome bonus is for once.
create function internal.is_claimable(p_rule public.monitoring_rules) returns boolean
language sql immutable
as $$
    select p_rule.claimable and p_rule.event_type not in ('daily_checkin', 'welcome_bonus')
$$;

-- How often one member can take an event, or NULL for no limit. /join gives the welcome bonus once, whatever its rule says.
create function internal.member_limit(p_rule public.monitoring_rules) returns integer
language plpgsql immutable
as $$
begin
    if p_rule.event_type = 'welcome_bonus' then
        return case p_rule.max_claims_per_user when 0 then 0 else 1 end;
    end if;
    return case when p_rule.max_claims_per_user >= 0 then p_rule.max_claims_per_user end;
end
$$;

-- The welcome bonus is for once in a lifetime, however it is earned: the refusal for a member who had it, else NULL.
create function internal.welcome_refusal(p_caller internal.caller, p_rule public.monitoring_rules) returns jsonb
language plpgsql stable
as $$
begin
    if p_rule.event_type <> 'welcome_bonus' then
        return null;
    end if;
    perform from public.event_claims
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id and event_type = 'welcome_bonus';
    return case when found then jsonb_build_object(
        'outcome', 'limit_reached', 'event', coalesce(nullif(p_rule.label, ''), p_rule.event_type), 'limit', 1
    ) end;
end
$$;
