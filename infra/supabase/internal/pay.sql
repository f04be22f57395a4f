-- Pays the caller for an event: takes the member's claim, writes the ledger, takes the event's total. The ledger row keeps
-- what the member is told: how the amount came about, and how often they can still earn the event if that is limited.
--
-- The guards repeat what check_earning saw, now under lock. When a twin was faster they raise RSNC1, and whoever holds
-- the savepoint (try_pay, check_in, claim_drop) undoes this try; the next look finds the refusal.
--
-- Locks go from the member's own rows to the ones that everybody shares, so that nobody waits for a shared row while
-- others wait for him: event_claims, discord_user_stats and member_earnings (by the ledger's trigger), event_totals; then,
-- in claim_drop, the drop.
create function internal.pay(
    p_caller internal.caller,
    p_rule public.monitoring_rules,
    p_source text,
    p_reference text,
    p_reward jsonb,
    p_now timestamptz,
    p_actor_id text default null, -- who caused it, where it is not the member
    p_reason text default null
) returns public.reward_ledger
language plpgsql volatile
as $$
declare
    v_cooldown interval := make_interval(hours => greatest(p_rule.cooldown_hours, 0));
    v_claims integer;
    v_details jsonb := p_reward;
    v_paid public.reward_ledger;
begin
    insert into public.event_claims as c (server_id, discord_user_id, event_type, claims, last_claimed_at)
    values (p_caller.server_id, p_caller.user_id, p_rule.event_type, 1, p_now)
    on conflict (server_id, discord_user_id, event_type) do update
    set claims = c.claims + 1, last_claimed_at = greatest(c.last_claimed_at, p_now)
    where (p_rule.cooldown_hours is null or p_rule.cooldown_hours <= 0 or c.last_claimed_at + v_cooldown <= p_now)
        and (p_rule.max_claims_per_user is null or p_rule.max_claims_per_user < 0 or c.claims < p_rule.max_claims_per_user)
    returning c.claims into v_claims;
    if not found then
        raise exception using errcode = 'RSNC1', message = 'another claim of this member was faster';
    end if;
    if p_rule.max_claims_per_user >= 0 then
        v_details := v_details || jsonb_build_object('claims_left', p_rule.max_claims_per_user - v_claims);
    end if;

    insert into public.reward_ledger
        (server_id, brand_id, discord_user_id, event_type, amount, source, reference, interaction_id, actor_id, reason,
            details, created_at)
    values
        (p_caller.server_id, p_rule.brand_id, p_caller.user_id, p_rule.event_type, (p_reward ->> 'amount')::numeric,
            p_source, p_reference, p_caller.interaction_id, coalesce(p_actor_id, p_caller.user_id), p_reason, v_details,
            p_now)
    returning * into v_paid;

    insert into public.event_totals as t (server_id, event_type, claims)
    values (p_caller.server_id, p_rule.event_type, 1)
    on conflict (server_id, event_type) do update set claims = t.claims + 1
    where p_rule.max_total_claims is null or p_rule.max_total_claims < 0 or t.claims < p_rule.max_total_claims;
    if not found then
        raise exception using errcode = 'RSNC1', message = 'another member took the last claim';
    end if;
    return v_paid;
end
$$;

-- What a ledger row tells the member it paid, the same at every redelivery.
create function internal.receipt(p_paid public.reward_ledger) returns jsonb
language sql immutable
as $$
    select p_paid.details || pg_catalog.jsonb_build_object('balance', p_paid.balance_after)
$$;

-- The answer that this interaction has had already, or NULL: Discord may deliver one twice. Ask after the look that led
-- to a refusal, never before it: a twin could pay in between, and its own payment would refuse the redelivery.
create function internal.paid_before(p_caller internal.caller, p_outcome text) returns jsonb
language plpgsql volatile -- for a snapshot of its own
as $$
declare
    v_paid public.reward_ledger;
begin
    select * into v_paid from public.reward_ledger where interaction_id = p_caller.interaction_id;
    return case when found then internal.receipt(v_paid) || jsonb_build_object('outcome', p_outcome) end;
end
$$;

-- Pays, and gives the answer to the caller: the receipt, or what a twin of this interaction was told. NULL when somebody
-- was faster, a twin or whoever took the last claim: then this try is undone, and the next look finds out which.
create function internal.try_pay(
    p_caller internal.caller,
    p_rule public.monitoring_rules,
    p_source text,
    p_reference text,
    p_reward jsonb,
    p_outcome text,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
begin
    return internal.receipt(internal.pay(p_caller, p_rule, p_source, p_reference, p_reward, p_now))
        || jsonb_build_object('outcome', p_outcome);
exception
    when sqlstate 'RSNC1' or unique_violation then
        return internal.paid_before(p_caller, p_outcome);
end
$$;
