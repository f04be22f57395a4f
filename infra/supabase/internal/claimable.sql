-- May members take this event with /claim? Two events have commands of their own, whatever their rules say: the check-in
-- has no cooldown but the streak's rule, and the welcome bonus is for once.
create function internal.is_claimable(p_rule public.monitoring_rules) returns boolean
language sql immutable
as $$
    select p_rule.claimable and p_rule.event_type not in ('daily_checkin', 'welcome_bonus')
$$;

-- How often a member can take an event once the claim at hand is paid; NULL where there is no limit. Holds the member's
-- claims until the end of the transaction, so that no other claim makes the figure untrue.
create function internal.claims_left(p_caller internal.caller, p_rule public.monitoring_rules) returns integer
language plpgsql volatile
as $$
declare
    v_limit integer := internal.member_limit(p_rule);
    v_claims integer;
begin
    if v_limit is null then
        return null;
    end if;
    insert into public.event_claims as c (server_id, discord_user_id, event_type, claims, last_claimed_at)
    values (p_caller.server_id, p_caller.user_id, p_rule.event_type, 0, '-infinity') -- a row to hold, which pay counts up
    on conflict (server_id, discord_user_id, event_type) do update set claims = c.claims
    returning c.claims into v_claims;
    return v_limit - v_claims - 1;
end
$$;

-- How often one member can earn an event, or NULL for no limit. The welcome bonus is for once, whatever its rule says.
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
