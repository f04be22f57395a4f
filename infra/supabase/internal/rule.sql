-- A rule (public.monitoring_rules): what an event pays and how often. One of a server's own hides the brand-wide one.

-- Give the rule that holds for an event on a server: its own, else the brand-wide one. No row if there is neither.
create function internal.rule(p_brand_id text, p_server_id text, p_event_type text)
returns setof public.monitoring_rules rows 1
language sql stable
as $$
    select * from public.monitoring_rules
    where brand_id = p_brand_id and event_type = p_event_type and (server_id = p_server_id or server_id is null)
    order by server_id nulls last
    limit 1
$$;

-- Give the rules that hold on a server, one per event.
create function internal.rules_of(p_server public.discord_server_configs) returns setof public.monitoring_rules
language sql stable
as $$
    select distinct on (event_type) r.*
    from public.monitoring_rules as r
    where brand_id = p_server.brand_id and (server_id = p_server.server_id or server_id is null)
    order by event_type, server_id nulls last
$$;

-- Find the rule of an event that somebody types: by its type, else by its label, whatever the case. No row if there is
-- none.
create function internal.find_rule(p_server public.discord_server_configs, p_typed text)
returns setof public.monitoring_rules rows 1
language sql stable
as $$
    select r.* from internal.rules_of(p_server) as r
    where event_type in (p_typed, replace(lower(p_typed), ' ', '_')) or lower(label) = lower(p_typed)
    order by event_type = p_typed desc, lower(label) = lower(p_typed) desc nulls last, event_type
    limit 1
$$;

-- Tell whether members may take an event with /claim. Two events have commands of their own, whatever their rules say,
-- because /claim would ignore what those commands check: the calendar day of /daily, the lifetime of /join.
create function internal.is_claimable(p_rule public.monitoring_rules) returns boolean
language sql immutable
as $$
    select p_rule.claimable and p_rule.event_type not in ('daily_checkin', 'welcome_bonus')
$$;

-- Give how often one member can take an event, NULL for no limit: the welcome bonus once at most, whatever its rule
-- says.
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

-- Give the hours of an event's cooldown, NULL for none. The check-in has none, whatever its rule says: the calendar day
-- limits it, and a cooldown could outlast the streak.
create function internal.cooldown_hours(p_rule public.monitoring_rules) returns integer
language sql immutable
as $$
    select case when p_rule.cooldown_hours > 0 and p_rule.event_type <> 'daily_checkin' then p_rule.cooldown_hours end
$$;
