-- Payments. Everything that pays goes through internal.pay; public.revoke_reward takes an entry back.
--
-- Whatever pays locks the member, looks, and refuses or pays. Everybody locks in this order, so that nobody deadlocks:
-- the members (several in the order of their ids), the event's total if it is limited, their stats, the drop, a place in
-- it. What is written after that belongs to the member, is spread over shards, or is skipped while another has it.

-- Lock a member, so that nobody else pays them meanwhile. Every writer of their ledger takes this lock before the row
-- gets its id, so that ids are in the order of the payments and balance_after is their running sum. An advisory lock:
-- most clicks are refused, and write nothing.
create function internal.lock_earner(p_server_id text, p_user_id text) returns void
language sql volatile
as $$
    select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(p_server_id || ' ' || p_user_id, 0))
$$;

-- Lock a member's stats if there are any: the ledger's trigger makes them, and whoever makes them elsewhere has locked the
-- member. (infra.reconcile has not; it tries again after the deadlock that could follow.)
create function internal.lock_stats(p_server_id text, p_user_id text) returns void
language plpgsql volatile
as $$
begin
    perform from public.discord_user_stats where server_id = p_server_id and discord_user_id = p_user_id
    for no key update;
end
$$;

-- Lock the total of an event if what all members share of it is limited, and tell whether: then look at it again. Until
-- there are shards (see internal.has_places), whoever pays the event shares its row.
create function internal.lock_total(p_server_id text, p_rule public.monitoring_rules) returns boolean
language plpgsql volatile
as $$
begin
    if p_rule.max_total_claims >= 0 or not internal.has_places() then
        insert into public.event_totals (server_id, event_type, claims) values (p_server_id, p_rule.event_type, 0)
        on conflict (server_id, event_type) do nothing;
        perform from public.event_totals where server_id = p_server_id and event_type = p_rule.event_type
        for no key update;
        return true;
    end if;
    return false;
end
$$;

-- Pay the caller, who is locked, for an event: count the claim, and write the ledger. The ledger row keeps what the
-- member is told: how the amount came about, and claims_left where the rule limits the member.
--
-- The lock makes the member's limits hold; they are repeated for the calls of the release before that are under way when
-- a deploy replaces the functions. A deadlock is what the client asks again after.
create function internal.pay(
    p_caller internal.caller,
    p_rule public.monitoring_rules,
    p_source text,
    p_reference text,
    p_reward jsonb,
    p_actor_id text, -- who caused it
    p_reason text,
    p_now timestamptz
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
        raise exception using errcode = 'deadlock_detected', message = 'a function that knows no lock of members was faster';
    end if;
    if p_rule.max_claims_per_user >= 0 then
        v_details := v_details || jsonb_build_object('claims_left', p_rule.max_claims_per_user - v_claims);
    end if;

    insert into public.reward_ledger
        (server_id, brand_id, discord_user_id, event_type, amount, source, reference, interaction_id, actor_id, reason,
            details, created_at)
    values
        (p_caller.server_id, p_rule.brand_id, p_caller.user_id, p_rule.event_type, (p_reward ->> 'amount')::numeric,
            p_source, p_reference, p_caller.interaction_id, p_actor_id, p_reason, v_details,
            p_now)
    returning * into v_paid;
    perform internal.count_total(p_caller.server_id, p_rule);
    return v_paid;
end
$$;

-- Count a claim of an event by any member: in the total's row if the event has a limit; else in a shard that nobody else
-- holds at this moment, which is this connection's own as a rule.
create function internal.count_total(p_server_id text, p_rule public.monitoring_rules) returns void
language plpgsql volatile
as $$
declare
    v_shard integer := pg_backend_pid() % 64;
begin
    if p_rule.max_total_claims >= 0 or not internal.has_places() then
        insert into public.event_totals as t (server_id, event_type, claims) values (p_server_id, p_rule.event_type, 1)
        on conflict (server_id, event_type) do update set claims = t.claims + 1;
        return;
    end if;
    update public.event_total_shards set claims = claims + 1
    where ctid = (
        select ctid from public.event_total_shards
        where server_id = p_server_id and event_type = p_rule.event_type and shard = v_shard
        for no key update skip locked
    );
    if found then
        return;
    end if;
    -- Somebody whose connection has the same number may be inserting it: do not wait for them.
    if not pg_try_advisory_xact_lock(
        hashtextextended(concat_ws(' ', 'shard', p_server_id, p_rule.event_type, v_shard), 0)
    ) then
        v_shard := floor(random() * 2147483647);
    end if;
    insert into public.event_total_shards (server_id, event_type, shard, claims)
    values (p_server_id, p_rule.event_type, v_shard, 0)
    on conflict (server_id, event_type, shard) do nothing;
    if not found then -- another connection has it: take one that is free, or a new one
        select shard into v_shard from public.event_total_shards
        where server_id = p_server_id and event_type = p_rule.event_type
        limit 1
        for no key update skip locked;
    end if;
    insert into public.event_total_shards as s (server_id, event_type, shard, claims)
    values (p_server_id, p_rule.event_type, coalesce(v_shard, floor(random() * 2147483647)), 1)
    on conflict (server_id, event_type, shard) do update set claims = s.claims + 1;
end
$$;

-- Give how often all members together have claimed an event.
create function internal.total_claims(p_server_id text, p_event_type text) returns bigint
language plpgsql stable
as $$
declare
    v_total bigint;
begin
    select claims into v_total from public.event_totals where server_id = p_server_id and event_type = p_event_type;
    if to_regclass('public.event_total_shards') is not null then
        v_total := coalesce(v_total, 0) + coalesce((
            select sum(claims) from public.event_total_shards
            where server_id = p_server_id and event_type = p_event_type
        ), 0);
    end if;
    return coalesce(v_total, 0);
end
$$;

-- Give the answer to a payment: its details and the balance; the same at every redelivery.
create function internal.receipt(p_paid public.reward_ledger) returns jsonb
language sql immutable
as $$
    select p_paid.details || pg_catalog.jsonb_build_object('balance', p_paid.balance_after)
$$;

-- Give the answer to this interaction's first delivery if it has paid, else NULL: Discord may deliver one twice. Call
-- this under the member's lock, or after a refusal: a first delivery that paid meanwhile may be what caused it.
-- VOLATILE: needs a new snapshot.
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
