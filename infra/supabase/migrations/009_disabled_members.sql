-- Members who may not earn on a server, and why.
create table public.disabled_members (
    server_id text not null,
    discord_user_id text not null,
    reason text,
    disabled_by text not null,
    disabled_at timestamptz not null default now(),
    primary key (server_id, discord_user_id)
);

alter table public.disabled_members enable row level security;
revoke all on public.disabled_members from anon, authenticated, service_role;
grant select, insert, update, delete on public.disabled_members to service_role;
