-- How the message of a drop looks, and drops that an admin looks at before they are posted. Takes a moment; claims wait
-- for it. Nothing is scanned.

select internal.lock_tables('discord_drops');

-- {is_titled: an admin chose the title, colour, emoji: of the button, ping: a role, image and thumbnail: the names of the
-- pictures that are uploaded with the message, is_lost: it was posted again without them}. Claims never write it.
alter table public.discord_drops add column look jsonb;

create function internal.refuse_wrong_look() returns trigger
language plpgsql set search_path = ''
as $$
begin
    if jsonb_typeof(new.look) <> 'object' or exists (
        select from jsonb_each(new.look) as part (name, value)
        where not case name
            when 'is_titled' then jsonb_typeof(value) = 'boolean'
            when 'is_lost' then jsonb_typeof(value) = 'boolean'
            when 'colour' then case
                when jsonb_typeof(value) = 'number' then value::numeric between 0 and 16777215 and value::numeric % 1 = 0
                else false
            end
            when 'emoji' then jsonb_typeof(value) = 'string' and length(value #>> '{}') between 1 and 80
            when 'ping' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[0-9]{1,20}$'
            when 'image' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[a-z]{1,20}\.[a-z]{1,5}$'
            when 'thumbnail' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[a-z]{1,20}\.[a-z]{1,5}$'
            else false
        end
    ) then
        raise exception using
            errcode = 'check_violation', message = 'a drop violates ' || tg_name, constraint = tg_name;
    end if;
    return new;
end
$$;
revoke all on function internal.refuse_wrong_look from public, anon, authenticated, service_role;

-- A trigger, because a CHECK is run at every update, and a claim holds the row meanwhile (see 005).
create trigger drops_hold_a_valid_look
before insert or update of look on public.discord_drops
for each row when (new.look is not null)
execute function internal.refuse_wrong_look();

-- A drop as one admin wants to see it before it is posted; it pays nobody, and nobody else sees it. The schedule forgets
-- it after an hour.
create table public.drop_previews (
    preview_id uuid primary key default gen_random_uuid(),
    server_id text not null,
    created_by text not null,
    terms jsonb not null, -- the arguments of create_drop by their names, without p_
    expires_at timestamptz not null,
    drop_id uuid, -- what it was posted as
    constraint previews_of_terms check (jsonb_typeof(terms) = 'object')
);
create index previews_by_age on public.drop_previews (expires_at);

create trigger drop_previews_hold_valid_values -- see 014
after insert or update of server_id, created_by on public.drop_previews
for each row when (new.server_id !~ '^[0-9]{1,20}$' or new.created_by !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id', 'created_by');

alter table public.drop_previews enable row level security;
revoke all on public.drop_previews from public, anon, authenticated, service_role;
create policy resonance on public.drop_previews for all to resonance using (true) with check (true);
grant select, insert, update, delete on public.drop_previews to resonance;
