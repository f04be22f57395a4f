-- One server with a million rows in its audit log: the four oldest are one row of each other type, all others are rewards
-- that one admin gave. And a million rows of another server and of other brands' rules.
set local session_replication_role = replica; -- skip the triggers, for speed
set local synchronous_commit = off;

insert into public.discord_server_configs (server_id, brand_id) values ('710000000000000001', 'bench audit');

insert into public.discord_audit_log
    (server_id, brand_id, actor_type, actor_id, action, target_user_id, before_state, after_state, created_at)
select
    case when n <= 1000000 then '710000000000000001' when n % 2 = 0 then '*' else '710000000000000002' end,
    case when n <= 1000000 then 'bench audit' else 'bench ' || n % 100 end,
    'admin', '320000000000000001',
    case when n = 1 then 'server.updated' when n = 2 then 'event.updated' when n = 3 then 'drop.ended'
        when n = 4 then 'member.disabled' when n > 1000000 and n % 2 = 0 then 'event.updated' else 'reward.given' end,
    (310000000000000000 + n * 7919::bigint % 1000000)::text,
    jsonb_build_object('total', n),
    jsonb_build_object('total', n + 10, 'amount', 10, 'event_type', 'quest', 'source', 'grant', 'reason', 'bench'),
    now() - make_interval(secs => n)
from generate_series(1, 2000000) as n;
