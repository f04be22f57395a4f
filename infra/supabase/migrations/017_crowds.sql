-- A crowd at one button: what all claimers of a drop, or of an event, used to write in one row is spread over rows that
-- they take without waiting for each other. Nothing is scanned; claims wait while this runs.

-- Lock the tables that a migration changes, at once and before it changes anything. Whoever is paying holds some of them
-- and waits for others: give up sooner than Postgres ends somebody for a deadlock (deadlock_timeout, 1 s), let them
-- finish, and try again.
create function internal.lock_tables(variadic p_tables text[]) returns void
language plpgsql set search_path = ''
as $$
declare
    v_timeout text := current_setting('lock_timeout');
    v_table text;
begin
    loop
        begin
            perform set_config('lock_timeout', '500ms', true);
            foreach v_table in array p_tables loop
                execute format('lock table public.%I in access exclusive mode', v_table);
            end loop;
            exit;
        exception
            when lock_not_available then
                perform pg_sleep(0.1);
        end;
    end loop;
    perform set_config('lock_timeout', v_timeout, true);
end
$$;
revoke all on function internal.lock_tables from public, anon, authenticated, service_role;

select internal.lock_tables('discord_drops');

-- The places of a drop: claims_count = places_issued - the free ones, once all claims are counted.
alter table public.discord_drops
    add column places_issued integer, -- taken and free ones; NULL until the first claim that takes a place
    add column last_place integer, -- the highest number that was issued
    add column next_edit_at timestamptz; -- before this no click edits the message

-- A free place of an open drop. A claim deletes one; whoever does not get the drop's row adds no wait. No foreign key:
-- it would look at the drop for every place that is issued, while all claimers wait for that.
create table public.drop_places (
    drop_id uuid not null,
    place integer not null,
    primary key (drop_id, place)
);

-- One row for each claim that its drop's claims_count may not have yet. The schedule empties it.
create table public.uncounted_claims (drop_id uuid not null);

-- The claims of an event by all members, beside those in event_totals: as many rows as are paid at the same moment, so
-- that claims of an event without a limit do not wait for each other. A shard's number means nothing.
create table public.event_total_shards (
    server_id text not null,
    event_type text not null,
    shard integer not null,
    claims bigint not null,
    primary key (server_id, event_type, shard)
) with (fillfactor = 50);

create trigger event_total_shards_hold_valid_values -- see 014
after insert or update of server_id on public.event_total_shards
for each row when (new.server_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id');

alter table public.drop_places enable row level security;
alter table public.uncounted_claims enable row level security;
alter table public.event_total_shards enable row level security;
revoke all on public.drop_places, public.uncounted_claims, public.event_total_shards
from public, anon, authenticated, service_role;
create policy resonance on public.drop_places for all to resonance using (true) with check (true);
create policy resonance on public.uncounted_claims for all to resonance using (true) with check (true);
create policy resonance on public.event_total_shards for all to resonance using (true) with check (true);
grant select, insert, update, delete on public.uncounted_claims to resonance;
grant select, insert, update on public.event_total_shards to resonance;
-- The grant on drop_places comes at the end of a deploy (grants.sql): until then claims count in the drop's row, as the
-- functions of the release before do.

-- Whoever ends an open drop or changes its limit: wait for the claims under way, count, and take back the places that
-- are too many, the highest first. The drop's row is locked already; who holds a place never waits for that.
create function internal.settle_places() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    v_free integer[];
    v_kept integer;
begin
    if old.ended_at is not null then -- another program opens it again, or changes what is over: it has no places
        new.places_issued := new.claims_count;
        new.last_place := greatest(new.claims_count, (
            select max(place) from public.discord_drop_claims where drop_id = new.drop_id
        ));
        return new;
    end if;
    v_free := array(
        select place from (
            select place from public.drop_places where drop_id = new.drop_id order by place for update
        ) as free
    );
    new.claims_count := greatest(new.claims_count, new.places_issued - cardinality(v_free));
    v_kept := case
        when new.ended_at is not null then 0
        when new.max_claims >= 0 then greatest(least(new.max_claims - new.claims_count, cardinality(v_free)), 0)
        else cardinality(v_free)
    end;
    delete from public.drop_places where drop_id = new.drop_id and place = any (v_free[v_kept + 1:]);
    if found and new.ended_at is null then
        new.places_issued := new.claims_count + v_kept;
        -- Number the next places after the highest that is left.
        new.last_place := greatest(v_free[v_kept], new.places_issued, (
            select max(place) from public.discord_drop_claims where drop_id = new.drop_id
        ));
    end if;
    return new;
end
$$;

-- Its name lets it run before drops_stay_consistent, which ends a drop whose limit is reached.
create trigger drops_settle_their_places
before update of max_claims, ended_at on public.discord_drops
for each row when (
    new.places_issued is not null and (
        (new.ended_at is null) <> (old.ended_at is null) or new.max_claims is distinct from old.max_claims
    )
)
execute function internal.settle_places();

create function internal.delete_places() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.drop_places where drop_id = old.drop_id;
    return null;
end
$$;

create trigger drops_take_their_places_along
after delete on public.discord_drops
for each row when (old.places_issued is not null)
execute function internal.delete_places();

-- As in 013, with a lock that lets claims under way look at their drop (their foreign key does).
create or replace function internal.end_drops(p_drop_ids uuid[], p_end_reason text) returns void
language plpgsql set search_path = ''
as $$
declare
    v_now timestamptz := coalesce(nullif(current_setting('resonance.now', true), '')::timestamptz, now());
begin
    update public.discord_drops
    set ended_at = least(expires_at, v_now),
        end_reason = case
            when expires_at <= v_now then 'expired'
            when max_claims >= 0 and claims_count >= max_claims then 'sold_out'
            else p_end_reason
        end,
        -- nothing is left to do for a drop without a message of ours (see internal.drop_has_message)
        is_settled = message_id is null or channel_id is null or drop_type is not distinct from 'reaction'
    where ended_at is null and drop_id = any (array(
        select drop_id from public.discord_drops
        where drop_id = any (p_drop_ids) and ended_at is null
        order by drop_id
        for no key update
    ));
end
$$;
