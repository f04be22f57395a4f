-- The claim of a drop: may it be paid, was it paid before, and what the drop's row and message say of it.

-- Answer a click on a drop that is over: drop_ended, drop_expired or drop_full {drop}.
create function internal.drop_over(p_drop public.discord_drops) returns jsonb
language sql stable
as $$
    select pg_catalog.jsonb_build_object(
        'outcome', case p_drop.end_reason
            when 'expired' then 'drop_expired' when 'sold_out' then 'drop_full' else 'drop_ended'
        end,
        'drop', internal.drop_facts(p_drop, null)
    )
$$;

-- Answer a member, who is locked, by what they have claimed of a drop: what this interaction's first delivery was told,
-- else already_claimed {amount, claimed_at, place}; NULL if it is nothing. Before migration 013 the ledger could pay a
-- drop without a claim. VOLATILE: needs a new snapshot, taken after the lock.
create function internal.claimed_before(p_caller internal.caller, p_drop_id uuid) returns jsonb
language plpgsql volatile
as $$
declare
    v_claim record;
begin
    select c.place, coalesce(c.reward_amount, l.amount) as amount, coalesce(c.claimed_at, l.created_at) as claimed_at
    into v_claim
    from (select) as one_row
    left join public.discord_drop_claims as c on c.drop_id = p_drop_id and c.discord_user_id = p_caller.user_id
    left join public.reward_ledger as l
        on l.server_id = p_caller.server_id and l.discord_user_id = p_caller.user_id
        and l.reference = p_drop_id::text and l.source = 'drop'
    where c.claim_id is not null or l.id is not null;
    if not found then
        return null;
    end if;
    return coalesce(
        internal.paid_before(p_caller, 'claimed') || jsonb_build_object('place', v_claim.place),
        jsonb_build_object(
            'outcome', 'already_claimed',
            'amount', v_claim.amount,
            'claimed_at', v_claim.claimed_at,
            'place', v_claim.place
        )
    );
end
$$;

-- Bring the counter of a drop up to date after a claim if nobody else has the drop's row; else note that the claim is
-- not counted. The last claim closes the drop. Gives the drop if its row is ours, else NULL.
create function internal.count_claim(p_drop_id uuid, p_place integer, p_message_id text, p_now timestamptz)
returns public.discord_drops
language plpgsql volatile
as $$
declare
    v_drop public.discord_drops;
begin
    select * into v_drop from public.discord_drops where drop_id = p_drop_id and ended_at is null
    for no key update skip locked;
    if not found then
        insert into public.uncounted_claims (drop_id) values (p_drop_id);
        return null;
    end if;
    if internal.has_places() then
        v_drop := internal.count_places(v_drop, p_place);
    end if;
    if v_drop.message_id is null and p_message_id is not null then -- not stored yet
        update public.discord_drops set message_id = p_message_id where drop_id = p_drop_id;
        v_drop.message_id := p_message_id;
    end if;
    return internal.close_if_sold_out(v_drop, p_now);
end
$$;

-- Count the claims of a drop whose row is locked, with that of p_place, and issue places ahead. Gives its new row.
-- Read the places by their index: until a vacuum the table has many times as many dead rows as live ones.
create function internal.count_places(p_drop public.discord_drops, p_place integer default null)
returns public.discord_drops
language plpgsql volatile set enable_seqscan = off
as $$
declare
    v_drop public.discord_drops := internal.with_places(p_drop, p_place);
    v_free integer;
    v_last integer;
    v_new integer;
begin
    select count(*), greatest(v_drop.last_place, p_place, max(place)) into v_free, v_last
    from public.drop_places where drop_id = v_drop.drop_id;
    v_drop.places_issued := v_drop.places_issued + v_last - v_drop.last_place; -- what internal.take_place has issued
    v_drop.last_place := v_last;
    if v_free <= least(v_drop.places_issued, 512) / 2 then
        v_new := internal.issue_places(v_drop);
        v_drop.places_issued := v_drop.places_issued + v_new;
        v_drop.last_place := v_drop.last_place + v_new;
        v_free := case when v_new = 0 then internal.count_last_places(v_drop.drop_id, v_free) else v_free + v_new end;
    end if;
    v_drop.claims_count := v_drop.places_issued - v_free;
    update public.discord_drops
    set claims_count = v_drop.claims_count,
        revision = revision + (claims_count <> v_drop.claims_count)::integer,
        places_issued = v_drop.places_issued,
        last_place = v_drop.last_place
    where drop_id = v_drop.drop_id
    returning * into v_drop;
    return v_drop;
end
$$;

-- Count the free places of a drop whose row is locked when no more can be issued. If others are taking all that are
-- left, wait for them: the last one has to close the drop, and one that fails gives its place back.
create function internal.count_last_places(p_drop_id uuid, p_free integer) returns integer
language plpgsql volatile
as $$
begin
    if p_free > 0 then
        -- Look at the highest one, which nobody takes without the drop's row, so that nobody has to skip it meanwhile.
        perform from public.drop_places where drop_id = p_drop_id order by place desc limit 1 for update skip locked;
        if not found then
            return internal.free_places(p_drop_id);
        end if;
    end if;
    return p_free;
end
$$;

-- Close a drop whose row is locked if its claims are all taken. Gives its new row.
create function internal.close_if_sold_out(p_drop public.discord_drops, p_now timestamptz) returns public.discord_drops
language plpgsql volatile
as $$
declare
    v_drop public.discord_drops := p_drop;
begin
    if v_drop.ended_at is null and v_drop.max_claims >= 0 and v_drop.claims_count >= v_drop.max_claims then
        update public.discord_drops set ended_at = p_now, end_reason = 'sold_out' where drop_id = v_drop.drop_id
        returning * into v_drop;
    end if;
    return v_drop;
end
$$;

-- Count the claims that were noted as not counted: those of each drop at once. Two runs share the work.
create function internal.count_noted_claims(p_now timestamptz) returns void
language plpgsql volatile
as $$
declare
    v_drop public.discord_drops;
begin
    if not internal.has_places() then
        return;
    end if;
    for v_drop in
        with noted as (
            delete from public.uncounted_claims
            where ctid = any (array(select ctid from public.uncounted_claims limit 100000 for update skip locked))
            returning drop_id
        )
        select d.* from public.discord_drops as d
        where drop_id in (select drop_id from noted) and ended_at is null
        order by drop_id
    loop
        select * into v_drop from public.discord_drops where drop_id = v_drop.drop_id and ended_at is null
        for no key update;
        if found then
            perform internal.close_if_sold_out(internal.count_places(v_drop), p_now);
        end if;
    end loop;
end
$$;

-- Lease the message of a locked drop to the click that has just claimed it: {drop: internal.drop_facts}, else {}. At
-- most one click in five seconds edits it (internal.allow_next_edit), and the last one whatever was before. The lease is
-- longer than a click can take. If the edit fails, the schedule repeats it, and no click does for a minute.
create function internal.lease_edit(p_drop public.discord_drops, p_rule_reward numeric, p_now timestamptz) returns jsonb
language plpgsql volatile
as $$
declare
    v_is_leased boolean := p_drop.render_after > p_now;
    v_next_edit_at timestamptz := to_jsonb(p_drop) ->> 'next_edit_at'; -- migration 017 adds it and may be missing
begin
    if not internal.has_places() or not internal.drop_has_message(p_drop)
        or p_drop.ended_at is null and (v_is_leased or v_next_edit_at > p_now)
    then
        return '{}';
    end if;
    update public.discord_drops
    set render_after = greatest(render_after, p_now + interval '10 seconds'),
        next_edit_at = p_now + interval '70 seconds',
        -- Somebody may be editing it to an older state at this moment: let the schedule show the end once more.
        revision = revision + v_is_leased::integer
    where drop_id = p_drop.drop_id;
    return jsonb_build_object('drop', internal.drop_facts(p_drop, p_rule_reward));
end
$$;

-- Let clicks edit the messages of these drops again after five seconds: an edit went through.
create function internal.allow_next_edit(p_rendered jsonb, p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    if internal.has_places() then
        update public.discord_drops set next_edit_at = p_now + interval '5 seconds'
        where drop_id in (select (item ->> 'drop_id')::uuid from jsonb_array_elements(p_rendered) as item)
            and next_edit_at > p_now + interval '5 seconds';
    end if;
end
$$;
