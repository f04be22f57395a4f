-- The ledger: one row for every RSNC movement. It is the truth; every other figure follows it. Then what guards it.
create table public.reward_ledger (
    id bigint generated always as identity primary key,
    server_id text not null,
    brand_id text not null, -- whose RSNC
    discord_user_id text not null,
    event_type text not null,
    amount numeric not null,
    source text not null,
    reference text, -- a drop id, a milestone, the reversed row's id
    interaction_id text,
    actor_id text not null, -- who caused it: the member, an admin
    reason text,
    details jsonb not null default '{}', -- how the amount came about
    balance_after numeric not null, -- the member's exact total with this row
    created_at timestamptz not null default now(),
    constraint ledger_of_a_known_source
        check (source in ('daily', 'drop', 'claim', 'milestone', 'grant', 'activity', 'reversal')),
    constraint ledger_amount_in_range check (amount between -1000000000000 and 1000000000000),
    constraint ledger_pays_an_interaction_once unique (interaction_id)
);
create index ledger_of_a_member on public.reward_ledger (server_id, discord_user_id, id);
create unique index ledger_pays_a_drop_once on public.reward_ledger (reference, discord_user_id) where source = 'drop';

alter table public.reward_ledger enable row level security;
revoke all on public.reward_ledger from anon, authenticated, service_role;
grant select, insert on public.reward_ledger to service_role;

create function internal.refuse_change() returns trigger
language plpgsql set search_path = ''
as $$
begin
    raise exception using errcode = 'restrict_violation', message = tg_table_name || ' is append-only';
end
$$;

create trigger ledger_is_append_only
before update or delete or truncate on public.reward_ledger
for each statement execute function internal.refuse_change();

-- The member's stats move in the same transaction as the ledger, whoever writes the row.
create function internal.follow_ledger() returns trigger
language plpgsql set search_path = ''
as $$
begin
    insert into public.discord_user_stats as s (server_id, discord_user_id, rsnc_total, rsnc_earned)
    values (new.server_id, new.discord_user_id, new.amount, floor(new.amount))
    on conflict (server_id, discord_user_id) do update
    set rsnc_total = s.rsnc_total + excluded.rsnc_total, rsnc_earned = floor(s.rsnc_total + excluded.rsnc_total)
    returning s.rsnc_total into new.balance_after;
    return new;
end
$$;

create trigger stats_follow_the_ledger
before insert on public.reward_ledger
for each row execute function internal.follow_ledger();

-- How often a member has earned an event: the row that enforces cooldown and the member's limit.
create table public.event_claims (
    server_id text not null,
    discord_user_id text not null,
    event_type text not null,
    claims integer not null,
    last_claimed_at timestamptz not null,
    primary key (server_id, discord_user_id, event_type)
) with (fillfactor = 80);

alter table public.event_claims enable row level security;
revoke all on public.event_claims from anon, authenticated, service_role;
grant select, insert, update on public.event_claims to service_role;

-- How often all members of a server together have: the row that enforces max_total_claims. It counts also where no
-- limit is set, because one may be set tomorrow.
create table public.event_totals (
    server_id text not null,
    event_type text not null,
    claims bigint not null,
    primary key (server_id, event_type)
) with (fillfactor = 50);

alter table public.event_totals enable row level security;
revoke all on public.event_totals from anon, authenticated, service_role;
grant select, insert, update on public.event_totals to service_role;

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
