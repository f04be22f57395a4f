-- Drops (a message with a button that pays whoever presses it first) and who claimed them.
create table public.discord_drops (
    drop_id uuid primary key,
    server_id text not null,
    event_id text not null, -- the event_type of the rule that pays
    drop_type text, -- 'button' or 'reaction'
    message_id text,
    channel_id text,
    emoji text,
    expires_at timestamptz, -- NULL: never
    max_claims integer, -- NULL or -1: unlimited
    claims_count integer not null default 0,
    created_by text,
    created_at timestamptz default now(),
    reward_amount numeric, -- overrides the rule's
    title text, -- what the message calls the event; its name where absent
    label text,
    description text,
    interaction_id text, -- the command that created it
    ended_at timestamptz,
    end_reason text,
    -- The message is a projection of this row. It is stale while rendered_revision is behind revision.
    revision integer not null default 1,
    rendered_revision integer not null default 0,
    render_after timestamptz not null default 'epoch', -- a lease while somebody renders it, a delay after a failure
    render_attempts integer not null default 0, -- failures in a row
    is_settled boolean not null default false, -- ended, and the message shows it (or is gone): nothing is left to do
    constraint drops_never_overclaimed check (max_claims < 0 or claims_count <= max_claims)
) with (fillfactor = 50); -- every claim updates its drop: room for heap-only updates on the hottest rows there are

-- No index has a column that a claim changes: a claim must stay a heap-only update.
create unique index drops_once_per_interaction on public.discord_drops (interaction_id) where interaction_id is not null;
create index drops_due on public.discord_drops (expires_at) where ended_at is null;
create index drops_open on public.discord_drops (server_id) where ended_at is null;
create index drops_unsettled on public.discord_drops (render_after) where not is_settled;

alter table public.discord_drops enable row level security;
revoke all on public.discord_drops from anon, authenticated, service_role;
grant select, insert, update, delete on public.discord_drops to service_role;

-- The contract gives the ids no default (see 004).
create function internal.fill_drop_id() returns trigger
language plpgsql set search_path = ''
as $$
begin
    new.drop_id := pg_catalog.gen_random_uuid();
    return new;
end
$$;

create trigger drops_fill_id
before insert on public.discord_drops
for each row when (new.drop_id is null)
execute function internal.fill_drop_id();

-- What else a drop must be, and what follows when it changes: whoever changes what the message shows makes it stale, and
-- whoever lowers the limit to what is claimed ends the drop. A claim sets none of these columns (and counts the revision
-- itself). Not as CHECKs: Postgres parses and runs all of a table's at every update, which took a third of the time for
-- which a claim holds the row that all claimers of a drop wait for.
create function internal.keep_drop_consistent() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_broken text;
begin
    if tg_op = 'UPDATE' then
        if (new.max_claims, new.expires_at, new.reward_amount, new.title, new.label, new.description, new.ended_at)
            is distinct from
            (old.max_claims, old.expires_at, old.reward_amount, old.title, old.label, old.description, old.ended_at)
        then
            new.revision := greatest(new.revision, old.revision + 1);
        end if;
        if new.ended_at is null and new.max_claims >= 0 and new.claims_count >= new.max_claims then
            new.ended_at := now();
            new.end_reason := 'sold_out';
        end if;
    end if;
    v_broken := case
        when new.drop_type not in ('button', 'reaction') then 'drops_of_a_known_type'
        when new.reward_amount not between 0 and 1000000000 then 'drops_reward_in_range'
        when (new.ended_at is null) <> (new.end_reason is null) then 'drops_end_for_a_reason'
        when new.end_reason not in ('expired', 'sold_out', 'ended', 'cancelled', 'message_deleted', 'not_posted')
            then 'drops_end_for_a_known_reason'
        when new.is_settled and new.ended_at is null then 'drops_settle_after_their_end'
    end;
    if v_broken is not null then
        raise exception using
            errcode = 'check_violation', message = 'a drop violates ' || v_broken, constraint = v_broken;
    end if;
    return new;
end
$$;

create trigger drops_stay_consistent
before insert or update of drop_type, max_claims, expires_at, reward_amount, title, label, description, ended_at,
    end_reason, is_settled
on public.discord_drops
for each row execute function internal.keep_drop_consistent();

create table public.discord_drop_claims (
    claim_id uuid primary key,
    drop_id uuid not null,
    discord_user_id text not null,
    claimed_at timestamptz default now(),
    reward_amount numeric,
    place integer, -- 7 of "7 of 100"
    constraint claims_once_per_member unique (drop_id, discord_user_id),
    constraint claims_of_a_drop foreign key (drop_id) references public.discord_drops
);

alter table public.discord_drop_claims enable row level security;
revoke all on public.discord_drop_claims from anon, authenticated, service_role;
grant select, insert on public.discord_drop_claims to service_role;
