-- What the leaderboards read, so that none has to add up a ledger of millions of rows.
-- Payments, and whatever else looks at the ledger, wait while this runs: some twenty seconds for a million ledger rows.

-- First, because a check-in holds its streak before it writes the ledger: the other way round the two would deadlock.
create index streaks_by_length on public.discord_user_streaks
(server_id, current_streak desc, last_checkin, discord_user_id) include (last_day) where current_streak > 0;

-- The calendar day of a reward, in the server's time zone of that moment: it decides in which week and month the reward
-- counts, also when the server moves to another zone later. NULL in rows from before this migration.
alter table public.reward_ledger add column day date;

-- What each member has earned on a server: ever, in each month and in each week. Sums of ledger rows, kept by the ledger.
create table public.member_earnings (
    server_id text,
    period text, -- 'all', a month '2026-11', a week by ISO 8601 '2026-W48'
    discord_user_id text,
    rsnc numeric not null,
    claims integer not null, -- ledger rows but reversals
    rsnc_since timestamptz, -- when rsnc became what it is: of two equals the first wins
    claims_since timestamptz,
    primary key (server_id, period, discord_user_id)
) with (autovacuum_vacuum_scale_factor = 0.02); -- a rank is counted in the index alone, as far as pages are vacuumed

alter table public.member_earnings enable row level security;
revoke all on public.member_earnings from anon, authenticated, service_role;
grant select, insert, update on public.member_earnings to service_role;

-- The calendar day of an instant on a server, as its settings are now.
create function internal.day_on(p_server_id text, p_at timestamptz) returns date
language plpgsql stable
as $$
begin
    return (p_at at time zone coalesce((
        select config_metadata ->> 'timezone' from public.discord_server_configs where server_id = p_server_id
    ), 'UTC'))::date;
end
$$;

-- The period of a kind (all, month, week) in which a day lies.
create function internal.period(p_kind text, p_day date) returns text
language sql stable
as $$
    select case p_kind
        when 'all' then 'all'
        when 'month' then pg_catalog.to_char(p_day, 'YYYY-MM')
        when 'week' then pg_catalog.to_char(p_day, 'IYYY-"W"IW')
    end
$$;
grant execute on function internal.day_on, internal.period to service_role; -- the trigger runs as the writer

insert into public.member_earnings
select server_id, internal.period(kind, paid_on), discord_user_id, sum(amount),
    count(*) filter (where source <> 'reversal'), max(created_at) filter (where amount <> 0),
    max(created_at) filter (where source <> 'reversal')
from public.reward_ledger
cross join lateral internal.day_on(server_id, created_at) as paid_on
cross join unnest(array['all', 'month', 'week']) as kind
group by 1, 2, 3;

create index earnings_by_rsnc on public.member_earnings (server_id, period, rsnc desc, rsnc_since, discord_user_id)
where rsnc > 0;
create index earnings_by_claims on public.member_earnings (server_id, period, claims desc, claims_since, discord_user_id)
where claims > 0;

-- The member's stats and earnings move in the same transaction as the ledger, whoever writes the row.
create or replace function internal.follow_ledger() returns trigger
language plpgsql set search_path = ''
as $$
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
    perform from public.reward_ledger where interaction_id = new.interaction_id;
    if not found then
        if new.source = 'drop' then
            perform from public.reward_ledger
            where source = 'drop' and reference = new.reference and discord_user_id = new.discord_user_id;
        elsif new.source = 'milestone' then
            perform from public.reward_ledger
            where source = 'milestone' and server_id = new.server_id and discord_user_id = new.discord_user_id
                and reference = new.reference;
        elsif new.source = 'reversal' then
            perform from public.reward_ledger where source = 'reversal' and reference = new.reference;
        end if;
    end if;
    if found then
        update public.discord_user_stats
        set rsnc_total = rsnc_total - new.amount, rsnc_earned = floor(rsnc_total - new.amount)
        where server_id = new.server_id and discord_user_id = new.discord_user_id;
        return new;
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

-- The counters that other programs keep, as far as this database has them: `like` finds the one of 008. Nobody knows when
-- a member got there: of two equals the older account wins. No index has a column that a payment changes, so that one
-- stays a heap-only update.
do $$
declare
    v_counter text;
begin
    for v_counter in
        select attname from pg_attribute
        where attrelid = 'public.discord_user_stats'::regclass and not attisdropped
            and (attname in ('messages_count', 'voice_minutes') or attname like 'reactions\_r%')
    loop
        execute format(
            'create index %I on public.discord_user_stats
            (server_id, %I desc, length(discord_user_id), discord_user_id) where %2$I > 0',
            'stats_by_' || v_counter, v_counter
        );
    end loop;
end
$$;
