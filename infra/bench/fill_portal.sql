-- A million ledger rows, members, sums of leaderboards, claims and rows of the audit log, and 100,000 drops. Three brands
-- with a server each: two share nearly all of it, the third has the oldest hundredth.
set local session_replication_role = replica; -- skip the triggers, for speed
set local synchronous_commit = off;
set local work_mem = '256MB';

insert into public.discord_server_configs (server_id, brand_id)
select '72000000000000000' || n, 'bench portal ' || n from generate_series(1, 3) as n;

create temporary table entry on commit drop as
select n, '72000000000000000' || place as server_id, 'bench portal ' || place as brand_id,
    (310000000000000000 + n * 7919::bigint % 1000000)::text as member,
    now() - make_interval(secs => 1000000 - n) as at,
    ('00000000-0000-4000-8000-' || lpad((n % 100000)::text, 12, '0'))::uuid as drop_id -- of one server
from generate_series(1, 1000000) as n,
    lateral (select case when n <= 10000 then 3 else 1 + n % 2 end as place) as share;

insert into public.reward_ledger
    (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id, balance_after, created_at, day)
select server_id, brand_id, member, 'quest', (1 + n % 4001) * 0.25, 'claim', member, 0, at, at::date from entry order by n;

insert into public.member_earnings
select server_id, 'all', member, (1 + n % 4001) * 0.25, 1, at, at from entry;

insert into public.discord_user_stats (server_id, discord_user_id, rsnc_total, messages_count)
select server_id, member, (1 + n % 4001) * 0.25, 1 + n % 49999 from entry;

insert into public.discord_drops (drop_id, server_id, brand_id, event_id, drop_type, created_at, is_settled)
select drop_id, server_id, brand_id, 'quest', 'button', at, true from entry where n > 900000;

insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at)
select gen_random_uuid(), drop_id, member, at from entry;

insert into public.discord_audit_log (server_id, brand_id, actor_type, actor_id, action, created_at)
select case when n % 10 = 0 then '*' else server_id end, brand_id, 'system', 'bench', 'event.updated', at from entry order by n;
