-- Brands, and the keys by which a server or a program shows that a brand lets it act. Takes a moment; nobody waits.

create table public.brands (
    brand_id text primary key,
    name text,
    is_active boolean not null default true -- off: nothing is paid in its name
);

-- Closed to every role of the API: only the functions of the operator and /setup connect look at it.
create table public.brand_keys (
    brand_id text not null constraint brand_keys_of_a_known_brand references public.brands (brand_id),
    kind text not null,
    key text not null, -- connect: the SHA-256 of the connect key; program: an Ed25519 public key
    created_at timestamptz not null default now(),
    primary key (brand_id, kind, key),
    constraint brand_keys_of_a_known_kind check (kind in ('connect', 'program')),
    constraint brand_keys_are_32_bytes_in_hex check (key ~ '^[0-9a-f]{64}$')
);
create unique index one_connect_key_of_a_brand on public.brand_keys (brand_id) where kind = 'connect';

alter table public.brands enable row level security;
alter table public.brand_keys enable row level security;
revoke all on public.brands, public.brand_keys from public, anon, authenticated, service_role;
create policy resonance on public.brands for all to resonance using (true) with check (true);
create policy resonance on public.brand_keys for all to resonance using (true) with check (true);
-- Functions that are loaded already look at them from now on.
grant select, insert, update on public.brands to resonance;
grant select, insert, update, delete on public.brand_keys to resonance;
grant select on public.brands to service_role;

-- What is connected stays so. These brands have no key until an operator gives them one, so no further server can
-- connect to them before.
insert into public.brands (brand_id)
select brand_id from public.discord_server_configs where brand_id is not null
union
select brand_id from public.monitoring_rules;
