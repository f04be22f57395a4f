-- One server with 50 watches, which have made 20,000 drops that paid twenty members each.
set local session_replication_role = replica; -- skip the triggers, for speed
set local synchronous_commit = off;

insert into public.discord_server_configs (server_id, brand_id) values ('730000000000000000', 'bench');
insert into public.monitoring_rules (id, brand_id, server_id, event_type, reward_amount)
values (gen_random_uuid(), 'bench', '730000000000000000', 'quest', 10);

insert into public.channel_watches (server_id, channel_id, event_id, emoji, last_message_id)
select '730000000000000000', (740000000000000000 + n)::text, 'quest', '🎉', '1' from generate_series(1, 50) as n;

insert into public.discord_drops
    (drop_id, server_id, event_id, drop_type, channel_id, message_id, emoji, watch_id, claims_count, ended_at,
        end_reason, is_collected, is_settled)
select gen_random_uuid(), server_id, event_id, 'reaction', channel_id, (750000000000000000 + n * 1000 + channel_id::bigint % 1000)::text,
    emoji, watch_id, 20, now(), 'expired', true, true
from public.channel_watches cross join generate_series(1, 400) as n
where server_id = '730000000000000000';

insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
select gen_random_uuid(), drop_id, (310000000000000000 + n)::text, now(), 10, n
from public.discord_drops cross join generate_series(1, 20) as n
where server_id = '730000000000000000';
