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

-- Check whether the caller may take the welcome bonus; as internal.check_earning, but already_welcomed {claimed_at,
-- amount} instead of cooldown and limits where the member was welcomed.
create function internal.check_welcome(
    p_caller internal.caller,
    p_now timestamptz,
    out refusal jsonb,
    out settings jsonb,
    out rule public.monitoring_rules,
    out streak integer
)
language plpgsql stable
as $$
declare
    v_check record;
    v_already_welcomed jsonb;
begin
    v_check := internal.check_earning(p_caller, 'welcome_bonus', p_now);
    refusal := v_check.refusal;
    settings := v_check.settings;
    rule := v_check.rule;
    streak := v_check.streak;
    if refusal is not null and refusal ->> 'outcome' not in ('cooldown', 'limit_reached', 'total_limit_reached') then
        return;
    end if;
    select jsonb_build_object(
        'outcome', 'already_welcomed',
        'claimed_at', coalesce(l.created_at, c.last_claimed_at),
        'amount', coalesce(l.amount, 0)
    ) into v_already_welcomed
    from (select) as one_row
    left join public.event_claims as c
        on c.server_id = p_caller.server_id and c.discord_user_id = p_caller.user_id
        and c.event_type = 'welcome_bonus' and c.claims > 0 -- another program may have reset it
    left join lateral (
        select created_at, amount from public.reward_ledger
        where server_id = p_caller.server_id and discord_user_id = p_caller.user_id
            and event_type = 'welcome_bonus' and source <> 'reversal'
        order by id
        limit 1
    ) as l on true
    where c.claims > 0 or l.amount is not null;
    refusal := coalesce(v_already_welcomed, refusal);
end
$$;
