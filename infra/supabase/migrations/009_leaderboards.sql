-- What the leaderboards read, so that none has to add up a ledger of millions of rows; and what keeps a milestone single.

-- The calendar day of a reward, in the server's time zone of that moment: it decides in which week and month the reward
-- counts, also when the server moves to another zone later.
alter table public.reward_ledger add column day date;

alter table public.reward_ledger disable trigger ledger_is_append_only;
update public.reward_ledger as l
set day = (l.created_at at time zone coalesce(
    (select config_metadata ->> 'timezone' from public.discord_server_configs where server_id = l.server_id), 'UTC'
))::date;
alter table public.reward_ledger enable trigger ledger_is_append_only;
alter table public.reward_ledger alter column day set not null;

create unique index ledger_pays_a_milestone_once
on public.reward_ledger (server_id, discord_user_id, reference) where source = 'milestone';

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
) with (fillfactor = 80);
create index earnings_by_rsnc on public.member_earnings (server_id, period, rsnc desc, rsnc_since, discord_user_id)
where rsnc > 0;
create index earnings_by_claims on public.member_earnings (server_id, period, claims desc, claims_since, discord_user_id)
where claims > 0;

alter table public.member_earnings enable row level security;
revoke all on public.member_earnings from anon, authenticated, service_role;
grant select, insert, update on public.member_earnings to service_role;

-- The periods in which a day lies.
create function internal.periods(p_day date) returns text[]
language sql stable
as $$
    select array['all', pg_catalog.to_char(p_day, 'YYYY-MM'), pg_catalog.to_char(p_day, 'IYYY-"W"IW')]
$$;
grant execute on function internal.periods to service_role; -- the trigger runs as the writer

insert into public.member_earnings
select server_id, period, discord_user_id, sum(amount), count(*) filter (where source <> 'reversal'),
    max(created_at) filter (where amount <> 0), max(created_at) filter (where source <> 'reversal')
from public.reward_ledger
cross join lateral unnest(internal.periods(day)) as period
group by server_id, period, discord_user_id;

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

    if new.day is null then
        select (new.created_at at time zone coalesce(min(config_metadata ->> 'timezone'), 'UTC'))::date into new.day
        from public.discord_server_configs where server_id = new.server_id;
    end if;
    insert into public.member_earnings as e
        (server_id, period, discord_user_id, rsnc, claims, rsnc_since, claims_since)
    select new.server_id, period, new.discord_user_id, new.amount, (new.source <> 'reversal')::integer,
        case when new.amount <> 0 then new.created_at end, case when new.source <> 'reversal' then new.created_at end
    from unnest(internal.periods(new.day)) as period
    on conflict (server_id, period, discord_user_id) do update
    set rsnc = e.rsnc + excluded.rsnc,
        claims = e.claims + excluded.claims,
        rsnc_since = greatest(e.rsnc_since, excluded.rsnc_since),
        claims_since = greatest(e.claims_since, excluded.claims_since);
    return new;
end
$$;

-- The counters that other programs keep: each that a leaderboard ranks and this database has. Nobody knows when a member
-- got there: of two equals the older account wins. No index has a column that a payment changes, so that one stays a
-- heap-only update.
do $$
declare
    v_counter text;
begin
    for v_counter in
        select attname from pg_attribute
        where attrelid = 'public.discord_user_stats'::regclass and attnum > 0 and not attisdropped
            and atttypid = 'integer'::regtype and attname <> 'reactions_count'
    loop
        execute format(
            'create index %I on public.discord_user_stats
            (server_id, %I desc, length(discord_user_id), discord_user_id) where %2$I > 0',
            'stats_by_' || v_counter, v_counter
        );
    end loop;
end
$$;

create index streaks_by_length on public.discord_user_streaks
(server_id, current_streak desc, last_checkin, discord_user_id) include (last_day) where current_streak > 0;
