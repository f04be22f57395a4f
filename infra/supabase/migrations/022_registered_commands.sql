-- The ids that Discord gave to our slash commands, so that /help can name each as a mention that opens it. Takes a
-- moment; nobody waits. infra.deploy.register_commands writes it, as the owner.

create table public.registered_commands (
    server_id text not null, -- '*': the global commands, which every server has
    name text not null,
    command_id text not null,
    primary key (server_id, name)
);

alter table public.registered_commands enable row level security;
revoke all on public.registered_commands from public, anon, authenticated, service_role;
create policy resonance on public.registered_commands for all to resonance using (true) with check (true);
grant select on public.registered_commands to resonance, service_role;
