-- The events that members earn RSNC for. A rule for a server wins over the brand-wide one (server_id NULL).
create table public.monitoring_rules (
    id uuid primary key,
    brand_id text not null,
    event_type text not null,
    reward_amount numeric,
    cooldown_hours integer, -- NULL, 0 or -1: none
    max_claims_per_user integer, -- for life, per member and server; NULL or -1: unlimited
    is_enabled boolean default true,
    server_id text,
    max_total_claims integer, -- all members of a server together; NULL or -1: unlimited
    label text, -- what people read instead of event_type
    claimable boolean not null default false, -- may members take it with /claim?
    detection_config jsonb,
    constraint rules_once_per_event unique nulls not distinct (brand_id, server_id, event_type),
    -- The upper bound also keeps 'NaN' out, which Postgres sorts above every number.
    constraint rules_reward_in_range check (reward_amount between 0 and 1000000000)
);

alter table public.monitoring_rules enable row level security;
revoke all on public.monitoring_rules from anon, authenticated, service_role;
grant select, insert, update, delete on public.monitoring_rules to service_role;

-- The contract gives the ids no default, so a column default would break it; other programs may still leave them out.
create function internal.fill_rule_id() returns trigger
language plpgsql set search_path = ''
as $$
begin
    new.id := pg_catalog.gen_random_uuid();
    return new;
end
$$;

create trigger rules_fill_id
before insert on public.monitoring_rules
for each row when (new.id is null)
execute function internal.fill_rule_id();
