-- What the admins of a server are told in their admin channel. Takes a moment; claims wait for it. Nothing is scanned.

select internal.lock_tables('discord_drops', 'discord_audit_log', 'channel_watches');

-- One thing each that is not told yet.
create table public.admin_notices (
    notice_id bigint generated always as identity primary key,
    server_id text not null,
    audit_id bigint, -- an entry of the audit log
    drop_id uuid, -- a drop that has ended without an admin
    watch_id uuid, -- a watch that was paused
    created_at timestamptz not null default now(), -- when it happened
    constraint notices_of_one_thing check (num_nonnulls(audit_id, drop_id, watch_id) = 1)
);
create index notices_of_a_server on public.admin_notices (server_id, notice_id);

-- Before this no message goes to a server's admin channel: a run is sending one, or the last one was sent just now.
create table public.notified_servers (
    server_id text primary key,
    next_at timestamptz not null
);

create trigger notices_hold_valid_values -- see 014
after insert or update of server_id on public.admin_notices
for each row when (new.server_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id');

create trigger notified_servers_hold_valid_values
after insert or update of server_id on public.notified_servers
for each row when (new.server_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id');

alter table public.admin_notices enable row level security;
alter table public.notified_servers enable row level security;
revoke all on public.admin_notices, public.notified_servers from public, anon, authenticated, service_role;
create policy resonance on public.admin_notices for all to resonance using (true) with check (true);
create policy resonance on public.notified_servers for all to resonance using (true) with check (true);
grant select, insert, delete on public.admin_notices to resonance;
grant select, insert, update, delete on public.notified_servers to resonance;

-- Note something for the admins of a server, if they have a channel for it. The trigger's argument is the column that
-- names it.
create function internal.note_for_admins() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    v_row jsonb := to_jsonb(new);
begin
    perform from public.discord_server_configs
    where server_id = new.server_id and is_active is not false and config_metadata ->> 'admin_channel' is not null;
    if found then
        insert into public.admin_notices (server_id, audit_id, drop_id, watch_id, created_at)
        values (
            new.server_id,
            case tg_argv[0] when 'audit_id' then (v_row ->> 'id')::bigint end,
            case tg_argv[0] when 'drop_id' then (v_row ->> 'drop_id')::uuid end,
            case tg_argv[0] when 'watch_id' then (v_row ->> 'watch_id')::uuid end,
            coalesce(
                (v_row ->> case tg_argv[0]
                    when 'audit_id' then 'created_at' when 'drop_id' then 'ended_at' else 'paused_at'
                end)::timestamptz,
                now()
            )
        );
    end if;
    return null;
end
$$;
revoke all on function internal.note_for_admins from public, anon, authenticated, service_role;

-- Not what everybody sees in the channel anyway: new drops and their changes.
create trigger audit_is_told_to_admins
after insert on public.discord_audit_log
for each row when (new.action not in ('drop.created', 'drop.edited'))
execute function internal.note_for_admins('audit_id');

-- What an admin has ended is in the audit log, with who did it.
create trigger drop_ends_are_told_to_admins
after update of ended_at on public.discord_drops
for each row when (
    old.ended_at is null and new.ended_at is not null and new.end_reason not in ('ended', 'cancelled', 'not_posted')
)
execute function internal.note_for_admins('drop_id');

create trigger watch_pauses_are_told_to_admins
after update of paused_at on public.channel_watches
for each row when (old.paused_at is null and new.paused_at is not null)
execute function internal.note_for_admins('watch_id');
