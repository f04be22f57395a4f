-- What each member has done and earned on a server. The RSNC figures follow the ledger (006).
create table public.discord_user_stats (
    server_id text,
    discord_user_id text,
    messages_count integer not null default 0,
    voice_minutes integer not null default 0,
    reactions_count integer not null default 0,
    rsnc_earned bigint not null default 0, -- the floor of rsnc_total: the contract with other programs is a BIGINT
    rsnc_total numeric not null default 0, -- the exact sum of the member's ledger rows
    primary key (server_id, discord_user_id)
) with (fillfactor = 80); -- every reward updates a row: room for heap-only updates

alter table public.discord_user_stats enable row level security;
revoke all on public.discord_user_stats from anon, authenticated, service_role;
grant select, insert, update, delete on public.discord_user_stats to service_role;
