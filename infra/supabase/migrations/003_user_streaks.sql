-- Daily check-ins of each member on a server.
create table public.discord_user_streaks (
    server_id text,
    discord_user_id text,
    current_streak integer not null default 0, -- as last written; a reader must ask whether it is still alive
    longest_streak integer not null default 0,
    last_checkin timestamptz,
    last_day date, -- the calendar day that the last check-in counted for, in the server's time zone of that moment
    primary key (server_id, discord_user_id)
);

-- reset_streaks walks this: per server, the streaks that could have lapsed, oldest day first.
create index streaks_alive on public.discord_user_streaks (server_id, last_day) where current_streak > 0;

alter table public.discord_user_streaks enable row level security;
revoke all on public.discord_user_streaks from anon, authenticated, service_role;
grant select, insert, update, delete on public.discord_user_streaks to service_role;

-- Other programs write last_checkin and do not know last_day. A streak without any check-in lapsed long ago.
create function internal.fill_last_day() returns trigger
language plpgsql set search_path = ''
as $$
begin
    new.last_day := (coalesce(new.last_checkin, case when new.current_streak > 0 then 'epoch'::timestamptz end) at time zone coalesce((
        select config_metadata ->> 'timezone' from public.discord_server_configs where server_id = new.server_id
    ), 'UTC'))::date;
    return new;
end
$$;

create trigger streaks_fill_last_day_on_insert
before insert on public.discord_user_streaks
for each row when (new.last_day is null)
execute function internal.fill_last_day();

create trigger streaks_fill_last_day_on_update
before update of last_checkin, current_streak on public.discord_user_streaks
for each row when (
    new.last_checkin is distinct from old.last_checkin and new.last_day is not distinct from old.last_day
    or new.last_day is null and new.current_streak > 0
)
execute function internal.fill_last_day();

-- longest_streak never falls and is never behind current_streak, whoever writes.
create function internal.keep_longest_streak() returns trigger
language plpgsql set search_path = ''
as $$
begin
    new.longest_streak := greatest(new.longest_streak, new.current_streak, case when tg_op = 'UPDATE' then old.longest_streak end);
    return new;
end
$$;

create trigger streaks_keep_longest_on_insert
before insert on public.discord_user_streaks
for each row when (new.longest_streak < new.current_streak)
execute function internal.keep_longest_streak();

create trigger streaks_keep_longest_on_update
before update on public.discord_user_streaks
for each row when (new.longest_streak < new.current_streak or new.longest_streak < old.longest_streak)
execute function internal.keep_longest_streak();
