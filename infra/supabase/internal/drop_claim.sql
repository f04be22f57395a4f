-- The claim of a drop: may it be paid, was it paid before, and what the drop's row and message say of it.

-- Check whether the caller may claim a drop now; reads only. Gives the refusal, or NULL and what the reward depends on
-- (see internal.check_earning); the place if the caller has claimed it.
create function internal.check_claim(
    p_caller internal.caller,
    p_drop_id uuid,
    p_now timestamptz,
    out refusal jsonb,
    out drop public.discord_drops,
    out is_claimed boolean,
    out place integer,
    out settings jsonb,
    out rule public.monitoring_rules,
    out streak integer
)
language plpgsql stable
as $$
declare
    v_found record;
    v_check record;
begin
    select d as drop, c.claim_id, c.claimed_at, c.place, c.reward_amount as amount
    into v_found
    from public.discord_drops as d
    left join public.discord_drop_claims as c on c.drop_id = d.drop_id and c.discord_user_id = p_caller.user_id
    where d.drop_id = p_drop_id and d.server_id = p_caller.server_id;
    if not found then
        refusal := jsonb_build_object('outcome', 'drop_not_found');
        return;
    end if;
    drop := v_found.drop;
    is_claimed := v_found.claim_id is not null;
    place := v_found.place;

    drop.end_reason := internal.drop_end_reason(drop, p_now);
    if drop.end_reason is null then -- only the brand that the drop was made for pays it
        perform from public.discord_server_configs
        where server_id = p_caller.server_id
            and brand_id <> to_jsonb(drop) ->> 'brand_id'; -- migration 013 adds the column and may be missing
        if found then
            drop.end_reason := 'server_left';
        end if;
    end if;
    if drop.end_reason is not null then
        refusal := jsonb_build_object(
            'outcome', case drop.end_reason
                when 'expired' then 'drop_expired' when 'sold_out' then 'drop_full' else 'drop_ended'
            end,
            'drop', internal.drop_facts(drop, null)
        );
    elsif is_claimed then
        refusal := internal.already_claimed(v_found.amount, v_found.claimed_at, place);
    else
        v_check := internal.check_earning(p_caller, drop.event_id, p_now);
        refusal := v_check.refusal;
        settings := v_check.settings;
        rule := v_check.rule;
        streak := v_check.streak;
    end if;
end
$$;

-- Tell a member that they have claimed a drop: already_claimed {amount, claimed_at, place}.
create function internal.already_claimed(p_amount numeric, p_claimed_at timestamptz, p_place integer) returns jsonb
language sql immutable
as $$
    select pg_catalog.jsonb_build_object(
        'outcome', 'already_claimed', 'amount', p_amount, 'claimed_at', p_claimed_at, 'place', p_place
    )
$$;

-- Give the answer where the ledger has this interaction, or has paid the caller this drop without a claim (possible
-- before migration 013); else NULL. Call it with the member locked.
create function internal.claim_paid_before(p_caller internal.caller, p_drop_id uuid) returns jsonb
language plpgsql volatile
as $$
declare
    v_paid public.reward_ledger;
begin
    select * into v_paid from public.reward_ledger
    where server_id = p_caller.server_id and source = 'drop' and discord_user_id = p_caller.user_id
        and reference = p_drop_id::text;
    if found then
        return internal.already_claimed(v_paid.amount, v_paid.created_at, null);
    end if;
    return internal.paid_before(p_caller, 'claimed');
end
$$;

-- Bring the counter of a drop up to date after a claim if nobody else has the drop's row; else note that the claim is
-- not counted. The last claim closes the drop. Gives the drop if its row is ours, else NULL.
create function internal.count_claim(p_drop_id uuid, p_message_id text, p_now timestamptz) returns public.discord_drops
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
    if v_drop.message_id is null and p_message_id is not null then -- not stored yet
        update public.discord_drops set message_id = p_message_id where drop_id = p_drop_id;
        v_drop.message_id := p_message_id;
    end if;
    if internal.has_places() then
        return internal.count_places(v_drop, p_now);
    end if;
    return internal.close_if_sold_out(v_drop, p_now);
end
$$;

-- Count the claims of a drop whose row is locked, issue places ahead, and close it if it is sold out. Gives its new row.
create function internal.count_places(p_drop public.discord_drops, p_now timestamptz) returns public.discord_drops
language plpgsql volatile
as $$
declare
    v_drop public.discord_drops := p_drop;
    v_free integer;
begin
    if v_drop.places_issued is not null then -- else the claims count in the row
        select count(*) into v_free from public.drop_places where drop_id = v_drop.drop_id;
        if v_free <= least(v_drop.places_issued, 512) / 2 then
            if not internal.issue_places(v_drop) and v_free > 0 then
                v_free := internal.count_last_places(v_drop.drop_id, v_free);
            end if;
        end if;
        update public.discord_drops
        set claims_count = v_drop.places_issued - v_free, revision = revision + 1
        where drop_id = v_drop.drop_id and claims_count <> v_drop.places_issued - v_free
        returning * into v_drop;
    end if;
    return internal.close_if_sold_out(coalesce(v_drop, p_drop), p_now);
end
$$;

-- Count the free places of a drop whose row is locked when all places are issued. If others are taking all that are
-- left, wait for them: the last one has to close the drop, and one that fails gives its place back.
create function internal.count_last_places(p_drop_id uuid, p_free integer) returns integer
language plpgsql volatile
as $$
declare
    v_free integer := p_free;
begin
    -- Look at the highest one, which nobody takes without the drop's row, so that nobody has to skip it meanwhile.
    perform from public.drop_places where drop_id = p_drop_id order by place desc limit 1 for update skip locked;
    if not found then
        perform from public.drop_places where drop_id = p_drop_id order by place for update;
        get diagnostics v_free = row_count;
    end if;
    return v_free;
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
            perform internal.count_places(v_drop, p_now);
        end if;
    end loop;
end
$$;

-- Lease the message of a locked drop to the click that has just claimed it: {drop: internal.drop_facts}, else {}. At
-- most one click in five seconds edits it, and the last one whatever was before. The lease is longer than a click can
-- take; if the edit fails, the schedule repeats it.
create function internal.lease_edit(p_drop public.discord_drops, p_rule_reward numeric, p_now timestamptz) returns jsonb
language plpgsql volatile
as $$
declare
    v_is_leased boolean := p_drop.render_after > p_now;
begin
    if not internal.has_places() or not internal.drop_has_message(p_drop)
        or p_drop.ended_at is null and (v_is_leased or p_drop.next_edit_at > p_now)
    then
        return '{}';
    end if;
    update public.discord_drops
    set render_after = p_now + interval '10 seconds',
        next_edit_at = p_now + interval '5 seconds',
        -- Somebody may be editing it to an older state at this moment: let the schedule show the end once more.
        revision = revision + v_is_leased::integer
    where drop_id = p_drop.drop_id;
    return jsonb_build_object('drop', internal.drop_facts(p_drop, p_rule_reward));
end
$$;
