-- A thousand servers, each with a thousand lapsed streaks and two hundred current ones. Put members of different servers
-- beside each other, as they are in a table where members check in one after the other.
set local session_replication_role = replica; -- skip the triggers, which look up a time zone for every server

insert into public.discord_server_configs (server_id, brand_id, config_metadata)
select (800000000000000000 + n)::text, 'bench', case n % 3
    when 0 then '{}'::jsonb
    when 1 then '{"timezone": "America/New_York"}'
    else '{"timezone": "Europe/Berlin", "streak": {"grace_hours": 8}}'
end
from generate_series(1, 1000) as n;

insert into public.discord_user_streaks
    (server_id, discord_user_id, current_streak, longest_streak, last_checkin, last_day)
select (800000000000000000 + 1 + n % 1000)::text, (310000000000000000 + n)::text, 5, 10, day, day::date
from generate_series(0, 1199999) as n,
    -- the last two hundred of each server's members were here today
    lateral (select case when n < 1000000 then now() - make_interval(days => 3 + n % 30) else now() end as day) as d;

analyze public.discord_server_configs, public.discord_user_streaks;
