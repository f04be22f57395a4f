-- A stub: the migration of the brands' consent takes its place.
create table public.brands (
    brand_id text primary key,
    name text,
    is_active boolean not null default true
);
create table public.brand_keys (brand_id text primary key);
alter table public.brands enable row level security;
alter table public.brand_keys enable row level security;
revoke all on public.brands, public.brand_keys from public, anon, authenticated, service_role;
