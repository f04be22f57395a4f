-- Payments. Everything that pays goes through internal.pay; public.revoke_reward takes an entry back.

-- Pay the caller for an event: count the member's claim, write the ledger, count the event's total. The ledger row
-- keeps what the member is told: how the amount came about, and claims_left where the rule limits the member.
--
-- The guards repeat under lock the limits of internal.check_earning. If another claim was faster they raise RSNC1, and
-- the caller with the savepoint (try_pay, try_grant, check_in, claim_drop) undoes this try; the next check finds the
-- refusal.
--
-- Lock the member's own rows first, then those that everybody shares, so that nobody waits while holding a shared row:
-- event_claims, discord_user_stats, member_earnings (by the ledger's trigger), event_totals; then, in claim_drop, the
-- drop.
create function internal.pay(
    p_caller internal.caller,
    p_rule public.monitoring_rules,
    p_source text,
    p_reference text,
    p_reward jsonb,
    p_now timestamptz,
    p_actor_id text default null, -- who caused it, if not the member
    p_reason text default null
) returns public.reward_ledger
language plpgsql volatile
as $$
declare
    v_cooldown interval := make_interval(hours => internal.cooldown_hours(p_rule));
    v_claims integer;
    v_details jsonb := p_reward;
    v_paid public.reward_ledger;
begin
    insert into public.event_claims as c (server_id, discord_user_id, event_type, claims, last_claimed_at)
    values (p_caller.server_id, p_caller.user_id, p_rule.event_type, 1, p_now)
    on conflict (server_id, discord_user_id, event_type) do update
    set claims = c.claims + 1, last_claimed_at = greatest(c.last_claimed_at, p_now)
    where (v_cooldown is null or c.last_claimed_at + v_cooldown <= p_now)
        and (p_rule.max_claims_per_user is null or p_rule.max_claims_per_user < 0 or c.claims < p_rule.max_claims_per_user)
    returning c.claims into v_claims;
    if not found then
        raise exception using errcode = 'RSNC1', message = 'another claim of this member was faster';
    end if;
    if p_rule.max_claims_per_user >= 0 then
        v_details := v_details || jsonb_build_object('claims_left', p_rule.max_claims_per_user - v_claims);
    end if;

    perform internal.lock_member(p_caller.server_id, p_caller.user_id);
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

-- Lock a member's stats; create them if there are none. Every writer of the member's ledger takes this lock before the
-- row gets its id, so that ids are in the order of the payments and balance_after is their running sum.
create function internal.lock_member(p_server_id text, p_user_id text) returns void
language plpgsql volatile
as $$
begin
    loop
        perform from public.discord_user_stats
        where server_id = p_server_id and discord_user_id = p_user_id
        for no key update;
        exit when found;
        insert into public.discord_user_stats (server_id, discord_user_id) values (p_server_id, p_user_id)
        on conflict (server_id, discord_user_id) do nothing;
        exit when found;
    end loop;
end
$$;

-- Give the answer to a payment: its details and the balance; the same at every redelivery.
create function internal.receipt(p_paid public.reward_ledger) returns jsonb
language sql immutable
as $$
    select p_paid.details || pg_catalog.jsonb_build_object('balance', p_paid.balance_after)
$$;

-- Give the answer to this interaction's first delivery if it has paid, else NULL: Discord may deliver one twice. Call
-- this only after a refusal: a first delivery that paid meanwhile may be what caused it. VOLATILE: needs a new
-- snapshot.
create function internal.paid_before(p_caller internal.caller, p_outcome text) returns jsonb
language plpgsql volatile
as $$
declare
    v_paid public.reward_ledger;
begin
    select * into v_paid from public.reward_ledger
    where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id;
    return case when found then internal.receipt(v_paid) || jsonb_build_object('outcome', p_outcome) end;
end
$$;

-- Pay, and give the receipt with the outcome p_outcome. If another payment was faster, undo this one and give the
-- answer to this interaction's first delivery, or NULL if that has not paid: the caller checks again.
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

-- Pay a member for an admin and write that into the audit log; else the same as internal.try_pay.
create function internal.try_grant(
    p_admin internal.caller,
    p_member internal.caller,
    p_rule public.monitoring_rules,
    p_reward jsonb,
    p_reason text,
    p_outcome text,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_paid public.reward_ledger;
begin
    v_paid := internal.pay(p_member, p_rule, 'grant', null, p_reward, p_now, p_admin.user_id, p_reason);
    perform internal.log_action(
        p_admin, v_paid.brand_id, 'reward.given',
        jsonb_build_object('total', v_paid.balance_after - v_paid.amount),
        jsonb_build_object('total', v_paid.balance_after) || to_jsonb(v_paid),
        p_now, p_member.user_id
    );
    return internal.receipt(v_paid) || jsonb_build_object('outcome', p_outcome);
exception
    when sqlstate 'RSNC1' or unique_violation then
        return internal.paid_before(p_admin, p_outcome);
end
$$;

-- Take an entry back for an admin, whatever the balance: write its reversal and the audit log, and give the reversal.
create function internal.reverse_entry(
    p_caller internal.caller,
    p_entry public.reward_ledger,
    p_reason text,
    p_now timestamptz
) returns public.reward_ledger
language plpgsql volatile
as $$
declare
    v_reversal public.reward_ledger;
begin
    insert into public.reward_ledger
        (server_id, brand_id, discord_user_id, event_type, amount, source, reference, interaction_id, actor_id, reason,
            details, created_at)
    values
        (p_entry.server_id, p_entry.brand_id, p_entry.discord_user_id, p_entry.event_type, -p_entry.amount, 'reversal',
            p_entry.id::text, p_caller.interaction_id, p_caller.user_id, p_reason,
            jsonb_build_object(
                'member_id', p_entry.discord_user_id,
                'entry', p_entry.id,
                'source', p_entry.source,
                'event', internal.entry_facts(p_entry) -> 'event',
                'amount', p_entry.amount
            ),
            p_now)
    returning * into v_reversal;
    perform internal.log_action(
        p_caller, p_entry.brand_id, 'reward.revoked',
        jsonb_build_object('total', v_reversal.balance_after - v_reversal.amount) || to_jsonb(p_entry),
        jsonb_build_object('total', v_reversal.balance_after) || to_jsonb(v_reversal),
        p_now, p_entry.discord_user_id
    );
    return v_reversal;
end
$$;

-- Tell a member whom the ledger has paid a drop though there is no claim: already_claimed {amount, claimed_at, place
-- NULL}. Raises RSNC2 where it has not: then claim_drop came to no decision.
create function internal.drop_paid_without_claim(p_caller internal.caller, p_drop_id uuid) returns jsonb
language plpgsql stable
as $$
declare
    v_paid public.reward_ledger;
begin
    select * into v_paid from public.reward_ledger
    where source = 'drop' and server_id = p_caller.server_id and discord_user_id = p_caller.user_id
        and reference = p_drop_id::text;
    if not found then
        raise exception using errcode = 'RSNC2', message = 'claim_drop came to no decision';
    end if;
    return jsonb_build_object(
        'outcome', 'already_claimed', 'amount', v_paid.amount, 'claimed_at', v_paid.created_at, 'place', null
    );
end
$$;
