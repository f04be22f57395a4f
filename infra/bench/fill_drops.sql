-- A hundred thousand drops whose time is over, with messages that show them open, and twenty thousand that stay open.
insert into public.discord_drops
    (drop_id, server_id, event_id, drop_type, message_id, channel_id, expires_at, created_at, revision,
        rendered_revision)
select gen_random_uuid(), (800000000000000000 + 1 + n % 1000)::text, 'quest', 'button', (910000000000000000 + n)::text,
    (920000000000000000 + n % 1000)::text,
    case when n < 100000 then now() - make_interval(secs => n % 3600) else now() + interval '1 day' end,
    now() - interval '1 day', 1, 1
from generate_series(0, 119999) as n;

analyze public.discord_drops;
