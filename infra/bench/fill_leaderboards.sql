-- One server with a million members and five million ledger rows, all of this week, so that each period has all rows.
set local session_replication_role = replica; -- skip the triggers, which would take an hour
set local synchronous_commit = off;
set local work_mem = '256MB';

insert into public.discord_server_configs (server_id, brand_id) values ('700000000000000001', 'bench');

insert into public.reward_ledger
    (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id, balance_after, created_at, day)
select '700000000000000001', 'bench', member, 'quest', (1 + n % 4001) * 0.25, 'claim', member, 0, at, at::date
from generate_series(1, 5000000) as n,
    lateral (
        -- a prime, so that neighbours in the ledger are members far apart
        select (310000000000000000 + n * 7919::bigint % 1000000)::text as member, now() - make_interval(secs => n / 1e6) as at
    ) as row;

insert into public.member_earnings
select server_id, internal.period(kind, day), discord_user_id, sum(amount), count(*), max(created_at), max(created_at)
from public.reward_ledger
cross join unnest(array['all', 'month', 'week']) as kind
where server_id = '700000000000000001'
group by 1, 2, 3;

insert into public.discord_user_stats
    (server_id, discord_user_id, rsnc_total, messages_count, voice_minutes, reactions_received)
select server_id, discord_user_id, rsnc, 1 + n % 49999, 1 + n * 7 % 29989, 1 + n * 3 % 6991
from (
    select *, row_number() over () as n from public.member_earnings
    where server_id = '700000000000000001' and period = 'all'
) as e;

insert into public.discord_user_streaks
    (server_id, discord_user_id, current_streak, longest_streak, last_checkin, last_day)
select server_id, discord_user_id, 1 + n % 400, 400, at, at::date
from (
    select *, row_number() over () as n from public.member_earnings
    where server_id = '700000000000000001' and period = 'all'
) as e, lateral (select now() - make_interval(secs => n / 1e6) as at) as checkin;
