-- The places of a drop: a claim takes the lowest one that is free, as a row of drop_places, so that a crowd does not
-- wait for one row. The drop's row (claims_count, places_issued) is brought up to date by whoever gets it without
-- waiting, and by the schedule.
--
-- Wait for the drop's row only before taking a place; whoever holds the row may wait for places. Lock it FOR NO KEY
-- UPDATE everywhere, else the claims' foreign key waits for it. Postgres may wait in spite of SKIP LOCKED for a row that
-- is being updated at that very moment; the rare deadlock that follows ends after a second, and the client asks again.

-- Tell whether claims take places. Until the end of the deploy that brings migration 017 (see grants.sql) they count in
-- the drop's row.
create function internal.has_places() returns boolean
language sql stable
as $$
    select coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass('public.drop_places'), 'delete'), false)
$$;

-- Take a place for a claim, and give its number; NULL if the drop is over. The last places of a limited drop are taken
-- one after the other, under the drop's row, so that a claim that fails gives its place back and the last one closes
-- the drop.
create function internal.take_place(p_drop public.discord_drops, p_now timestamptz) returns integer
language plpgsql volatile
as $$
declare
    v_place integer;
    v_drop public.discord_drops;
begin
    if not internal.has_places() then
        v_place := internal.count_in_row(p_drop.drop_id, p_now);
        if v_place is not null or not internal.has_places() then
            return v_place;
        end if;
    end if;

    -- What the claim's foreign key locks later: whoever locks the whole row, to delete or upsert it, must come before the
    -- place or after the claim.
    perform from public.discord_drops where drop_id = p_drop.drop_id for key share;
    -- As internal.take_free_place, in its place: a call costs every claim some 4 %.
    delete from public.drop_places where ctid = (
        select ctid from public.drop_places
        where drop_id = p_drop.drop_id
            and place <= case when p_drop.max_claims >= 0 then p_drop.max_claims - 8 else 2147483647 end
        order by place
        limit 1
        for update skip locked
    )
    returning place into v_place;
    if found then
        return v_place;
    end if;

    select * into v_drop from public.discord_drops
    where drop_id = p_drop.drop_id and ended_at is null and (expires_at is null or expires_at > p_now)
    for no key update;
    if not found then
        return null;
    end if;
    return internal.take_place_of_locked(v_drop, p_now);
end
$$;

-- Take a place of a drop whose row is locked: a free one, a new one, else wait for those that others are taking. NULL if
-- none is left; then close the drop.
create function internal.take_place_of_locked(p_drop public.discord_drops, p_now timestamptz) returns integer
language plpgsql volatile
as $$
declare
    v_place integer := internal.take_free_place(p_drop.drop_id);
begin
    if v_place is null then
        if internal.issue_places(internal.with_places(p_drop)) > 0 then
            return internal.take_free_place(p_drop.drop_id);
        end if;
        delete from public.drop_places where ctid = (
            select ctid from public.drop_places where drop_id = p_drop.drop_id order by place limit 1 for update
        )
        returning place into v_place;
        if not found then
            update public.discord_drops set ended_at = p_now, end_reason = 'sold_out' where drop_id = p_drop.drop_id;
        end if;
    end if;
    return v_place;
end
$$;

-- Take the lowest place that nobody else is taking, or NULL.
create function internal.take_free_place(p_drop_id uuid) returns integer
language plpgsql volatile
as $$
declare
    v_place integer;
begin
    delete from public.drop_places where ctid = (
        select ctid from public.drop_places where drop_id = p_drop_id order by place limit 1 for update skip locked
    )
    returning place into v_place;
    return v_place;
end
$$;

-- Issue new places of a drop whose row is locked: few at first, and as many as there are already, up to 512. Gives how
-- many; none if its limit allows no more. internal.count_places writes them into the drop's row.
create function internal.issue_places(p_drop public.discord_drops) returns integer
language plpgsql volatile
as $$
declare
    v_new integer := least(greatest(p_drop.places_issued, 8), 512);
begin
    if p_drop.max_claims >= 0 then
        v_new := greatest(least(v_new, p_drop.max_claims - p_drop.places_issued), 0);
    end if;
    insert into public.drop_places (drop_id, place)
    select p_drop.drop_id, p_drop.last_place + n from generate_series(1, v_new) as n;
    return v_new;
end
$$;

-- Give a drop with its places: before the first claim that takes one (p_place), as many as are claimed.
create function internal.with_places(p_drop public.discord_drops, p_place integer default null)
returns public.discord_drops
language plpgsql stable
as $$
declare
    v_drop public.discord_drops := p_drop;
begin
    if v_drop.places_issued is null then
        v_drop.places_issued := v_drop.claims_count;
        v_drop.last_place := greatest(v_drop.claims_count, (
            select max(place) from public.discord_drop_claims
            where drop_id = v_drop.drop_id and place is distinct from p_place
        ));
    end if;
    return v_drop;
end
$$;

-- Count a claim in the drop's row, and give its place; NULL if the drop is over, or takes places by now.
create function internal.count_in_row(p_drop_id uuid, p_now timestamptz) returns integer
language plpgsql volatile
as $$
declare
    v_place integer;
begin
    update public.discord_drops as d
    set claims_count = claims_count + 1, revision = revision + 1
    where drop_id = p_drop_id and ended_at is null
        and (max_claims is null or max_claims < 0 or claims_count < max_claims)
        and (expires_at is null or expires_at > p_now)
        and to_jsonb(d) ->> 'places_issued' is null
    returning claims_count into v_place;
    return v_place;
end
$$;

-- Give how many places of a drop are free whose row is locked. Wait for the claims under way.
create function internal.free_places(p_drop_id uuid) returns integer
language plpgsql volatile
as $$
declare
    v_free integer;
begin
    perform from public.drop_places where drop_id = p_drop_id order by place for update;
    get diagnostics v_free = row_count;
    return v_free;
end
$$;

-- Give how many claims a drop has whose row is locked: the row may trail.
create function internal.claims_by_now(p_drop public.discord_drops) returns integer
language plpgsql volatile
as $$
begin
    if internal.has_places() then
        if p_drop.places_issued is not null and p_drop.ended_at is null then
            return greatest(p_drop.claims_count, p_drop.places_issued - internal.free_places(p_drop.drop_id));
        end if;
    end if;
    return p_drop.claims_count;
end
$$;

-- Tell whether the schedule has claims of a drop to count.
create function internal.awaits_count(p_drop_id uuid) returns boolean
language plpgsql stable
as $$
begin
    if to_regclass('public.uncounted_claims') is null then
        return false;
    end if;
    return exists (select from public.uncounted_claims where drop_id = p_drop_id);
end
$$;

-- Correct the counter of a drop by its claims, for infra.reconcile; NULL if its limit forbids that.
create function internal.repair_counter(p_drop_id uuid, out counted integer, out expected integer)
language plpgsql volatile
as $$
declare
    v_drop public.discord_drops;
    v_free integer;
begin
    select * into v_drop from public.discord_drops where drop_id = p_drop_id for no key update;
    if internal.has_places() then
        v_free := internal.free_places(p_drop_id); -- waits for the claims under way
    end if;
    counted := v_drop.claims_count;
    expected := (select count(*) from public.discord_drop_claims where drop_id = p_drop_id);
    if expected > v_drop.max_claims and v_drop.max_claims >= 0 or expected = counted then
        expected := null;
        return;
    end if;
    update public.discord_drops set claims_count = expected, revision = revision + 1 where drop_id = p_drop_id;
    if v_free is not null then
        delete from public.drop_places where drop_id = p_drop_id and place in (
            select place from public.drop_places where drop_id = p_drop_id order by place desc
            limit case when v_drop.max_claims >= 0 then greatest(expected + v_free - v_drop.max_claims, 0) else 0 end
        );
        update public.discord_drops set places_issued = expected + internal.free_places(p_drop_id)
        where drop_id = p_drop_id and places_issued is not null;
    end if;
end
$$;
