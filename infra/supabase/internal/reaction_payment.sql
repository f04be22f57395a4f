-- Payments to those who react (public.claim_reactions).

-- Who reacted, as the caller that a payment needs: Discord signed nothing, so only their roles are known, where asked for.
create function internal.reactor(p_drop public.discord_drops, p_user_id text, p_role_ids jsonb, p_parent_ids text[])
returns internal.caller
language sql stable
as $$
    select pg_catalog.jsonb_populate_record(null::internal.caller, pg_catalog.jsonb_build_object(
        'server_id', p_drop.server_id,
        'channel_id', p_drop.channel_id,
        'user_id', p_user_id,
        'role_ids', coalesce(p_role_ids, '[]'),
        'parent_ids', p_parent_ids
    ))
$$;

-- Give those of a list who have no payment of a drop, in the list's order. VOLATILE: needs a new snapshot.
create function internal.unpaid_reactors(p_drop public.discord_drops, p_user_ids text[]) returns text[]
language plpgsql volatile
as $$
begin
    return array(
        select user_id from unnest(p_user_ids) with ordinality as r (user_id, place)
        where not exists (
            select from public.discord_drop_claims as c
            where c.drop_id = p_drop.drop_id and c.discord_user_id = r.user_id
        ) and not exists ( -- until migration 013 the ledger could pay a drop without a claim
            select from public.reward_ledger as l
            where l.server_id = p_drop.server_id and l.discord_user_id = r.user_id
                and l.reference = p_drop.drop_id::text and l.source = 'drop'
        )
        order by place
    );
end
$$;

-- Keep a page of the list of a drop with a limit.
create function internal.keep_reactors(p_drop public.discord_drops, p_look integer, p_user_ids text[]) returns void
language plpgsql volatile
as $$
begin
    insert into public.drop_reactors as r (drop_id, discord_user_id, first_look, last_look)
    select p_drop.drop_id, user_id, p_look, p_look
    from unnest(internal.unpaid_reactors(p_drop, p_user_ids)) as user_id
    order by user_id
    on conflict (drop_id, discord_user_id) do update set last_look = excluded.last_look
    where r.last_look < excluded.last_look;
end
$$;

-- Give those of this look's list who have not been tried yet, in the order in which they are paid: first who stood there
-- at an earlier look, then by the hash of the drop's id and theirs, which favours no account.
create function internal.waiting_reactors(p_drop_id uuid, p_look integer, p_limit integer) returns text[]
language plpgsql volatile
as $$
begin
    return array(
        select discord_user_id from public.drop_reactors as r
        where drop_id = p_drop_id and last_look = p_look and tried_look < p_look
            and not exists (
                select from public.discord_drop_claims as c
                where c.drop_id = p_drop_id and c.discord_user_id = r.discord_user_id
            )
        order by first_look, encode(sha256(convert_to(drop_id::text || ':' || discord_user_id, 'UTF8')), 'hex')
        limit p_limit
    );
end
$$;

-- Check those who reacted, whose locks are held, in their order: who may be paid, with their streaks; who is refused;
-- whose roles must be asked for before that is known. Where the drop has a limit, leave out everybody behind the first
-- who must be asked for, so that nobody overtakes them.
create function internal.check_reactors(
    p_drop public.discord_drops,
    p_user_ids text[],
    p_roles jsonb, -- {user_id: [role_id]}, as far as they are known
    p_parent_ids text[],
    p_now timestamptz,
    out payable text[],
    out streaks integer[],
    out refusals jsonb, -- {user_id: refusal}
    out unasked text[],
    out settings jsonb,
    out rule public.monitoring_rules,
    out is_foreign boolean -- the server belongs to another brand than the drop
)
language plpgsql volatile
as $$
declare
    v_user_id text;
    v_check record;
    v_keeps_order boolean := coalesce(p_drop.max_claims >= 0, false);
begin
    payable := '{}'; streaks := '{}'; refusals := '{}'; unasked := '{}'; is_foreign := false;
    foreach v_user_id in array p_user_ids loop
        v_check := internal.check_earning(
            internal.reactor(p_drop, v_user_id, p_roles -> v_user_id, p_parent_ids), p_drop.event_id, p_now
        );
        if v_check.brand_id <> p_drop.brand_id then
            is_foreign := true;
            return;
        end if;
        if internal.reward_needs_roles(v_check.settings) and not p_roles ? v_user_id
            and (v_check.refusal is null or v_check.refusal ->> 'outcome' = 'test_mode')
        then
            unasked := unasked || v_user_id;
        elsif v_keeps_order and unasked <> '{}' then
            continue;
        elsif v_check.refusal is not null then
            refusals := refusals || jsonb_build_object(v_user_id, v_check.refusal);
        else
            settings := v_check.settings; -- of somebody payable: the event may be deleted before the next one's turn
            rule := v_check.rule;
            payable := payable || v_user_id;
            streaks := streaks || v_check.streak;
        end if;
    end loop;
end
$$;

-- Pay those who reacted to a drop, at most as many as its limit allows, in their order; keep why others were refused.
-- Locks the members in the order of their ids, the event's total, their stats, the drop.
create function internal.pay_reactors(
    p_drop public.discord_drops,
    p_user_ids text[],
    p_roles jsonb,
    p_parent_ids text[],
    p_now timestamptz,
    out paid text[],
    out refused text[],
    out unasked text[]
)
language plpgsql volatile
as $$
declare
    v_check record;
    v_refusals jsonb;
begin
    perform internal.lock_earner(p_drop.server_id, user_id) from unnest(internal.in_order(p_user_ids)) as user_id;
    v_check := internal.check_reactors(
        p_drop, internal.unpaid_reactors(p_drop, p_user_ids), p_roles, p_parent_ids, p_now
    );
    paid := '{}';
    unasked := v_check.unasked;
    v_refusals := v_check.refusals;
    if v_check.payable <> '{}' then
        select p.paid, v_refusals || p.refusals into paid, v_refusals
        from internal.pay_checked(p_drop, v_check, p_roles, p_parent_ids, p_now) as p;
    end if;
    perform internal.keep_refusals(p_drop, paid, v_refusals, p_now);
    refused := array(select jsonb_object_keys(v_refusals));
end
$$;

-- Give ids in the order in which their locks are taken.
create function internal.in_order(p_user_ids text[]) returns text[]
language sql immutable
as $$
    select array(select user_id from pg_catalog.unnest(p_user_ids) as user_id order by user_id)
$$;

-- Pay those whom internal.check_reactors has found payable, and close the drop with its last claim.
create function internal.pay_checked(
    p_drop public.discord_drops,
    p_check record,
    p_roles jsonb,
    p_parent_ids text[],
    p_now timestamptz,
    out paid text[],
    out refusals jsonb
)
language plpgsql volatile
as $$
declare
    v_has_total boolean := internal.lock_total(p_drop.server_id, p_check.rule);
    v_drop public.discord_drops;
    v_room integer;
    v_user_id text;
    v_refusal jsonb;
begin
    paid := '{}';
    refusals := '{}';
    perform internal.lock_stats(p_drop.server_id, user_id) from unnest(internal.in_order(p_check.payable)) as user_id;
    v_drop := internal.lock_paying_drop(p_drop.drop_id);
    v_room := case
        when v_drop.drop_id is null then 0
        when v_drop.max_claims >= 0 then least(v_drop.max_claims - v_drop.claims_count, cardinality(p_check.payable))
        else cardinality(p_check.payable)
    end;
    for i in 1 .. v_room loop
        v_user_id := p_check.payable[i];
        if v_has_total then -- the payments before this one count
            v_refusal := internal.reactor_refusal(v_drop, v_user_id, p_roles, p_parent_ids, p_now);
        end if;
        if v_refusal is not null then
            refusals := refusals || jsonb_build_object(v_user_id, v_refusal);
        else
            paid := paid || v_user_id;
            perform internal.pay_reactor(
                v_drop, v_user_id, cardinality(paid), p_check.rule,
                internal.reward(
                    p_check.settings, coalesce(v_drop.reward_amount, (p_check.rule).reward_amount, 0), p_check.streaks[i],
                    array(select jsonb_array_elements_text(p_roles -> v_user_id))
                ),
                p_now
            );
        end if;
    end loop;
    perform internal.count_reactions(v_drop, cardinality(paid), p_now);
end
$$;

-- Lock a drop, and give it if it still pays those who react, else NULL.
create function internal.lock_paying_drop(p_drop_id uuid) returns public.discord_drops
language plpgsql volatile
as $$
declare
    v_drop public.discord_drops;
    v_look record;
begin
    select * into v_drop from public.discord_drops where drop_id = p_drop_id for no key update;
    select * into v_look from public.reaction_looks where drop_id = p_drop_id;
    return case when internal.drop_pays_reactions(v_drop, v_look.started_at, v_look.finished_at) then v_drop end;
end
$$;

-- Check a member once more, now that the event's total is locked: others may have taken its last claims since the first
-- check. NULL where nothing stands against the payment.
create function internal.reactor_refusal(
    p_drop public.discord_drops,
    p_user_id text,
    p_roles jsonb,
    p_parent_ids text[],
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_check record := internal.check_earning(
        internal.reactor(p_drop, p_user_id, p_roles -> p_user_id, p_parent_ids), p_drop.event_id, p_now
    );
begin
    return v_check.refusal;
end
$$;

-- Pay a member, who is locked, for a reaction to a drop whose row is locked; p_number counts this call's payments.
create function internal.pay_reactor(
    p_drop public.discord_drops,
    p_user_id text,
    p_number integer,
    p_rule public.monitoring_rules,
    p_reward jsonb,
    p_now timestamptz
) returns void
language plpgsql volatile
as $$
declare
    v_paid public.reward_ledger;
begin
    v_paid := internal.pay(
        internal.reactor(p_drop, p_user_id, null, null), p_rule, 'drop', p_drop.drop_id::text,
        p_reward || jsonb_build_object('max_claims', case when p_drop.max_claims >= 0 then p_drop.max_claims end),
        p_user_id, null, p_now
    );
    insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
    values (gen_random_uuid(), p_drop.drop_id, p_user_id, p_now, v_paid.amount, p_drop.claims_count + p_number);
end
$$;

-- Count claims in a drop's row, which is locked; the last claim closes the drop. A message of ours shows it, also after
-- the end.
create function internal.count_reactions(p_drop public.discord_drops, p_paid integer, p_now timestamptz) returns void
language plpgsql volatile
as $$
declare
    v_is_full boolean := p_drop.ended_at is null
        and coalesce(p_drop.max_claims >= 0 and p_drop.claims_count + p_paid >= p_drop.max_claims, false);
begin
    update public.discord_drops
    set claims_count = claims_count + p_paid,
        revision = revision + (p_paid > 0 and is_own_message)::integer,
        ended_at = case when v_is_full then p_now else ended_at end,
        end_reason = case when v_is_full then 'sold_out' else end_reason end,
        is_settled = (is_settled or v_is_full) and not (p_paid > 0 and internal.drop_has_message(p_drop))
    where drop_id = p_drop.drop_id;
end
$$;

-- Keep for a day why members were not paid, and forget it of those who were.
create function internal.keep_refusals(p_drop public.discord_drops, p_paid text[], p_refusals jsonb, p_now timestamptz)
returns void
language plpgsql volatile
as $$
begin
    delete from public.reaction_refusals
    where server_id = p_drop.server_id and discord_user_id = any (p_paid) and drop_id = p_drop.drop_id;
    insert into public.reaction_refusals as r (server_id, discord_user_id, drop_id, refusal, refused_at)
    select p_drop.server_id, key, p_drop.drop_id, value, p_now from jsonb_each(p_refusals)
    order by key
    on conflict (server_id, discord_user_id, drop_id) do update
    set refusal = excluded.refusal, refused_at = excluded.refused_at
    where r.refusal <> excluded.refusal;
end
$$;

-- Take a page of a reading for public.claim_reactions: keep it where the drop has a limit, else pay it; without a page
-- pay those who wait, 100 at most.
create function internal.take_page(
    p_drop public.discord_drops,
    p_look integer,
    p_reactors text[],
    p_is_last boolean,
    p_roles jsonb,
    p_parent_ids text[],
    p_now timestamptz,
    out paid text[],
    out refused text[],
    out unasked text[],
    out waits boolean
)
language plpgsql volatile
as $$
declare
    v_members text[] := p_reactors;
begin
    paid := '{}'; refused := '{}'; unasked := '{}';
    if p_reactors = '{}' and p_is_last then
        v_members := internal.waiting_reactors(p_drop.drop_id, p_look, 100);
    elsif p_drop.max_claims >= 0 then
        perform internal.keep_reactors(p_drop, p_look, p_reactors);
        v_members := '{}';
    end if;
    v_members := internal.unpaid_reactors(p_drop, v_members);
    if v_members <> '{}' then
        select p.paid, p.refused, p.unasked into paid, refused, unasked
        from internal.pay_reactors(p_drop, v_members, p_roles, p_parent_ids, p_now) as p;
        update public.drop_reactors set tried_look = p_look
        where drop_id = p_drop.drop_id and discord_user_id = any (paid || refused);
        if internal.refuse_waiting(p_drop.drop_id, p_look, p_now) then
            unasked := '{}';
        end if;
    end if;
    waits := p_is_last and unasked = '{}' and (v_members = '{}' or paid || refused <> '{}')
        and internal.waiting_reactors(p_drop.drop_id, p_look, 1) <> '{}';
end
$$;

-- Tell whether a drop has no claims left, and if so keep that for those who still wait at this look.
create function internal.refuse_waiting(p_drop_id uuid, p_look integer, p_now timestamptz) returns boolean
language plpgsql volatile
as $$
declare
    v_drop public.discord_drops;
    v_waiting text[];
begin
    select * into v_drop from public.discord_drops
    where drop_id = p_drop_id and max_claims >= 0 and claims_count >= max_claims;
    if not found then
        return false;
    end if;
    v_waiting := internal.waiting_reactors(p_drop_id, p_look, 100000);
    perform internal.keep_refusals(v_drop, '{}', (
        select coalesce(jsonb_object_agg(user_id, '{"outcome": "drop_full"}'::jsonb), '{}')
        from unnest(v_waiting) as user_id
    ), p_now);
    update public.drop_reactors set tried_look = p_look
    where drop_id = p_drop_id and discord_user_id = any (v_waiting);
    return true;
end
$$;
