-- What keeps money right whoever writes: drops of one brand, a welcome bonus once in a lifetime, keys that name the
-- server. Payments wait while this runs, some ten seconds for a million ledger rows. Rows that break a new rule stay:
-- only what is written from now on is checked.

-- Lock the tables at once, before anything is changed. Whoever is paying holds some of them and waits for others: give up
-- sooner than Postgres ends somebody for a deadlock (deadlock_timeout, 1 s), let them finish, and try again.
do $$
declare
    v_timeout text := current_setting('lock_timeout');
begin
    loop
        begin
            perform set_config('lock_timeout', '500ms', true);
            lock table public.discord_drops, public.discord_server_configs, public.monitoring_rules, public.reward_ledger,
                public.discord_user_stats in access exclusive mode;
            exit;
        exception
            when lock_not_available then
                perform pg_sleep(0.1);
        end;
    end loop;
    perform set_config('lock_timeout', v_timeout, true);
end
$$;

-- Give the project its own default privileges back, which 001 changed for all that postgres creates later. Our own
-- tables, sequences and functions are closed by name (grants.sql). A project that still grants new objects to
-- service_role (all before 30 May 2026) granted them to the two public roles as well.
alter default privileges grant execute on functions to public;
do $$
declare
    v_kind record;
begin
    for v_kind in
        select * from (values ('r', 'tables'), ('S', 'sequences'), ('f', 'functions')) as kind (type, name)
        where exists (
            select from pg_default_acl cross join aclexplode(defaclacl) as granted
            where defaclnamespace = 'public'::regnamespace and defaclrole = current_user::regrole
                and defaclobjtype = kind.type::"char" and granted.grantee = 'service_role'::regrole
        )
    loop
        execute format('alter default privileges in schema public grant all on %s to anon, authenticated', v_kind.name);
    end loop;
end
$$;

-- The role that owns the functions that write. The deploy says what it may do (owner.sql).
do $$
begin
    if to_regrole('resonance') is null then
        create role resonance nologin;
    end if;
end
$$;

-- End drops that nobody may claim any more, in the order of their ids; a drop that is over by itself keeps its reason.
-- Whoever ends them names the time in the setting resonance.now, as for the audit log (012).
create function internal.end_drops(p_drop_ids uuid[], p_end_reason text) returns void
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
        for update
    ));
end
$$;

-- A server that leaves its brand, whoever writes that, ends its open drops: they were made to be paid under this brand.
create function internal.end_drops_of_server() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    perform internal.end_drops(
        array(select drop_id from public.discord_drops where server_id = old.server_id and ended_at is null),
        'server_left'
    );
    return null;
end
$$;

create trigger drops_end_with_their_brand
after update of server_id, brand_id, is_active on public.discord_server_configs
for each row when (
    new.server_id <> old.server_id or new.brand_id <> old.brand_id
    or new.is_active is false and old.is_active is not false
)
execute function internal.end_drops_of_server();

create trigger drops_end_with_their_server
after delete on public.discord_server_configs
for each row execute function internal.end_drops_of_server();

-- An event that is deleted or renamed, whoever does it, ends its open drops on all servers where no other rule of that
-- name holds. Wait for whoever deletes another rule of the event: each would otherwise see the other's.
create function internal.end_drops_of_event() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(old.brand_id || ' ' || old.event_type, 0));
    perform internal.end_drops(
        array(
            select d.drop_id from public.discord_drops as d
            join public.discord_server_configs as s on s.server_id = d.server_id and s.brand_id = old.brand_id
            where d.ended_at is null and d.event_id = old.event_type
                and (old.server_id is null or old.server_id = d.server_id)
                and not exists (
                    select from public.monitoring_rules as other
                    where other.brand_id = old.brand_id and other.event_type = old.event_type
                        and (other.server_id is null or other.server_id = d.server_id)
                )
        ),
        'event_deleted'
    );
    return null;
end
$$;

create trigger drops_end_with_their_event
after delete on public.monitoring_rules
for each row execute function internal.end_drops_of_event();

create trigger drops_end_with_the_name_of_their_event
after update of brand_id, server_id, event_type on public.monitoring_rules
for each row when (
    (new.brand_id, new.server_id, new.event_type) is distinct from (old.brand_id, old.server_id, old.event_type)
)
execute function internal.end_drops_of_event();

-- The brand that pays a drop. NULL where the server had none, and in drops that were over before this migration.
alter table public.discord_drops add column brand_id text;

create or replace function internal.keep_drop_consistent() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_broken text;
begin
    if tg_op = 'UPDATE' then
        if (new.max_claims, new.expires_at, new.reward_amount, new.title, new.label, new.description, new.ended_at)
            is distinct from
            (old.max_claims, old.expires_at, old.reward_amount, old.title, old.label, old.description, old.ended_at)
        then
            new.revision := greatest(new.revision, old.revision + 1);
        end if;
        if new.ended_at is null and new.max_claims >= 0 and new.claims_count >= new.max_claims then
            new.ended_at := now();
            new.end_reason := 'sold_out';
        end if;
    end if;
    v_broken := case
        when new.drop_type not in ('button', 'reaction') then 'drops_of_a_known_type'
        when new.reward_amount not between 0 and 1000000000 then 'drops_reward_in_range'
        when (new.ended_at is null) <> (new.end_reason is null) then 'drops_end_for_a_reason'
        when new.end_reason not in (
            'expired', 'sold_out', 'ended', 'cancelled', 'message_deleted', 'not_posted', 'server_left', 'event_deleted'
        ) then 'drops_end_for_a_known_reason'
        when new.is_settled and new.ended_at is null then 'drops_settle_after_their_end'
    end;
    if v_broken is not null then
        raise exception using
            errcode = 'check_violation', message = 'a drop violates ' || v_broken, constraint = v_broken;
    end if;
    return new;
end
$$;

-- Programs that know nothing of brands leave the column out. Wait for a server that is just leaving its brand, so that
-- its drops are ended with this one or this one belongs to the new brand.
create function internal.fill_drop_brand() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    v_brand_id text;
begin
    select brand_id into v_brand_id from public.discord_server_configs where server_id = new.server_id for share;
    new.brand_id := coalesce(new.brand_id, v_brand_id);
    return new;
end
$$;

create trigger drops_fill_brand
before insert on public.discord_drops
for each row execute function internal.fill_drop_brand();

-- Open drops belong to the brand under which they were made: the audit log knows it of those that a command has made.
update public.discord_drops as d
set brand_id = coalesce((
    select a.brand_id from public.discord_audit_log as a
    where a.interaction_id = d.interaction_id and a.server_id = d.server_id and a.action = 'drop.created'
    order by a.id
    limit 1
), s.brand_id)
from public.discord_server_configs as s
where s.server_id = d.server_id and d.ended_at is null;

-- End what has been left open: drops of servers that have left their brand, and drops whose event is gone.
select internal.end_drops(array(
    select d.drop_id from public.discord_drops as d
    left join public.discord_server_configs as s on s.server_id = d.server_id
    where d.ended_at is null and (s.server_id is null or s.is_active is false or s.brand_id <> d.brand_id)
), 'server_left');
select internal.end_drops(array(
    select d.drop_id from public.discord_drops as d
    where d.ended_at is null and not exists (
        select from public.monitoring_rules as r
        where r.brand_id = d.brand_id and r.event_type = d.event_id and (r.server_id is null or r.server_id = d.server_id)
    )
), 'event_deleted');

-- Refuse to move a row to another key: an upsert over the API sets the key to what it is, so the columns stay writable.
create function internal.refuse_another_key() returns trigger
language plpgsql set search_path = ''
as $$
begin
    raise exception using
        errcode = 'restrict_violation', message = 'a row of ' || tg_table_name || ' keeps its key', constraint = tg_name;
end
$$;

create trigger drops_keep_their_server
before update of drop_id, server_id, brand_id on public.discord_drops
for each row when (
    new.drop_id <> old.drop_id or new.server_id <> old.server_id
    or old.brand_id is not null and new.brand_id is distinct from old.brand_id
)
execute function internal.refuse_another_key();

create trigger stats_keep_their_member
before update of server_id, discord_user_id on public.discord_user_stats
for each row when (new.server_id <> old.server_id or new.discord_user_id <> old.discord_user_id)
execute function internal.refuse_another_key();

-- Unique keys name the server, so that a row of another one blocks nobody.
drop index public.drops_once_per_interaction;
create unique index drops_once_per_interaction on public.discord_drops (server_id, interaction_id)
where interaction_id is not null;

alter table public.reward_ledger
drop constraint ledger_pays_an_interaction_once,
add constraint ledger_pays_an_interaction_once unique (server_id, interaction_id);
drop index public.ledger_pays_a_drop_once;
create unique index ledger_pays_a_drop_once on public.reward_ledger (server_id, discord_user_id, reference)
where source = 'drop';
drop index public.ledger_reverses_a_row_once;
create unique index ledger_reverses_a_row_once on public.reward_ledger (server_id, discord_user_id, reference)
where source = 'reversal';

-- Finds the check-in that a day was paid for, whoever has changed the streak since.
create index ledger_of_a_day on public.reward_ledger (server_id, discord_user_id, reference) where source = 'daily';

-- Give the rule that a new row of the ledger breaks, or NULL: it names a drop of another server, it takes back what is
-- no payment of this member, it pays a day again, or it welcomes a member who has been welcomed. A member's stats are locked before, so the
-- member's earlier rows can be seen.
create function internal.broken_ledger_rule(p_row public.reward_ledger) returns text
language plpgsql stable set search_path = ''
as $$
begin
    if p_row.source = 'drop' then
        perform from public.discord_drops
        where server_id = p_row.server_id
            and drop_id = case when p_row.reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_row.reference::uuid end;
        if not found and p_row.reference is not null then
            return 'ledger_pays_drops_of_its_server';
        end if;
    elsif p_row.source = 'reversal' then
        perform from public.reward_ledger
        where id = case when p_row.reference ~ '^[0-9]{1,18}$' then p_row.reference::bigint end
            and server_id = p_row.server_id and discord_user_id = p_row.discord_user_id and source <> 'reversal';
        if not found and p_row.reference is not null then
            return 'ledger_reverses_rows_of_its_member';
        end if;
    end if;
    if p_row.source = 'daily' then
        perform from public.reward_ledger
        where source = 'daily' and server_id = p_row.server_id and discord_user_id = p_row.discord_user_id
            and reference = p_row.reference;
        if found then
            return 'ledger_pays_a_day_once';
        end if;
    end if;
    if p_row.event_type = 'welcome_bonus' and p_row.source <> 'reversal' then
        perform from public.reward_ledger
        where server_id = p_row.server_id and discord_user_id = p_row.discord_user_id
            and event_type = 'welcome_bonus' and source <> 'reversal';
        if found then
            return 'ledger_welcomes_once';
        end if;
    end if;
    return null;
end
$$;

-- The member's stats and earnings move in the same transaction as the ledger, whoever writes the row.
create or replace function internal.follow_ledger() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_broken text;
begin
    insert into public.discord_user_stats as s (server_id, discord_user_id, rsnc_total, rsnc_earned)
    values (new.server_id, new.discord_user_id, new.amount, floor(new.amount))
    on conflict (server_id, discord_user_id) do update
    set rsnc_total = s.rsnc_total + excluded.rsnc_total, rsnc_earned = floor(s.rsnc_total + excluded.rsnc_total)
    returning s.rsnc_total into new.balance_after;
    new.day := coalesce(new.day, internal.day_on(new.server_id, new.created_at));

    -- A program that repeats itself with ON CONFLICT DO NOTHING runs this trigger before Postgres drops the row: then
    -- nothing may have moved. A twin is seen once it has committed: one of the same member has, now that the stats are
    -- locked; one that names another member for the interaction is waited for.
    if new.interaction_id is not null then
        perform pg_advisory_xact_lock(hashtextextended(new.interaction_id, 0));
    end if;
    perform from public.reward_ledger where server_id = new.server_id and interaction_id = new.interaction_id;
    if not found then
        if new.source = 'drop' then
            perform from public.reward_ledger
            where source = 'drop' and server_id = new.server_id and discord_user_id = new.discord_user_id
                and reference = new.reference;
        elsif new.source = 'milestone' then
            perform from public.reward_ledger
            where source = 'milestone' and server_id = new.server_id and discord_user_id = new.discord_user_id
                and reference = new.reference;
        elsif new.source = 'reversal' then
            perform from public.reward_ledger
            where source = 'reversal' and server_id = new.server_id and discord_user_id = new.discord_user_id
                and reference = new.reference;
        end if;
    end if;
    if found then
        update public.discord_user_stats
        set rsnc_total = rsnc_total - new.amount, rsnc_earned = floor(rsnc_total - new.amount)
        where server_id = new.server_id and discord_user_id = new.discord_user_id;
        return new;
    end if;

    v_broken := internal.broken_ledger_rule(new);
    if v_broken is not null then
        raise exception using
            errcode = case
                when v_broken in ('ledger_welcomes_once', 'ledger_pays_a_day_once') then 'unique_violation'
                else 'check_violation'
            end,
            message = 'a row of the ledger violates ' || v_broken,
            constraint = v_broken;
    end if;

    insert into public.member_earnings as e
        (server_id, period, discord_user_id, rsnc, claims, rsnc_since, claims_since)
    select new.server_id, internal.period(kind, new.day), new.discord_user_id, new.amount,
        (new.source <> 'reversal')::integer, case when new.amount <> 0 then new.created_at end,
        case when new.source <> 'reversal' then new.created_at end
    from unnest(array['all', 'month', 'week']) as kind
    on conflict (server_id, period, discord_user_id) do update
    set rsnc = e.rsnc + excluded.rsnc,
        claims = e.claims + excluded.claims,
        rsnc_since = greatest(e.rsnc_since, excluded.rsnc_since),
        claims_since = greatest(e.claims_since, excluded.claims_since);
    return new;
end
$$;
