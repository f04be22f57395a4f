-- The welcome bonus: once in a lifetime on a server, however it is earned.

-- Refuse a member who has had it with limit_reached {event, limit}; give NULL for other members and other events.
create function internal.welcome_bonus_refusal(p_caller internal.caller, p_rule public.monitoring_rules) returns jsonb
language plpgsql stable
as $$
begin
    if p_rule.event_type <> 'welcome_bonus' then
        return null;
    end if;
    perform from public.event_claims
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id and event_type = 'welcome_bonus';
    return case when found then jsonb_build_object(
        'outcome', 'limit_reached', 'event', internal.event_name(p_rule), 'limit', 1
    ) end;
end
$$;
