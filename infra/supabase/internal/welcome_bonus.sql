-- The welcome bonus: once in a lifetime on a server, however it is earned.

-- Refuse a member whom the ledger shows as welcomed, whatever event_claims says: limit_reached {event, limit}; else
-- NULL.
create function internal.welcome_bonus_refusal(p_caller internal.caller, p_rule public.monitoring_rules) returns jsonb
language plpgsql stable
as $$
begin
    perform from public.reward_ledger
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id
        and event_type = 'welcome_bonus' and source <> 'reversal';
    return case when found then jsonb_build_object(
        'outcome', 'limit_reached', 'event', internal.event_name(p_rule), 'limit', 1
    ) end;
end
$$;
