-- The interactions of admins that were handled, with their answers. Nothing waits while this runs.

-- Kept for a day; Discord repeats an interaction within minutes, and its token lives for 15.
create table public.handled_interactions (
    server_id text,
    interaction_id text,
    handled_at timestamptz not null,
    answer jsonb, -- NULL only while the first delivery is being carried out
    primary key (server_id, interaction_id)
);
create index handled_before on public.handled_interactions (handled_at);

alter table public.handled_interactions enable row level security;
revoke all on public.handled_interactions from anon, authenticated, service_role;

create trigger handled_interactions_hold_valid_values
after insert or update of server_id, interaction_id on public.handled_interactions
for each row when (new.server_id !~ '^[0-9]{1,20}$' or new.interaction_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id', 'interaction_id');

-- Refuse a function that has taken an interaction and kept no answer: every later delivery would be carried out anew.
create function internal.require_answer() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    if exists (
        select from public.handled_interactions
        where server_id = new.server_id and interaction_id = new.interaction_id and answer is null
    ) then
        raise exception using
            errcode = 'not_null_violation',
            message = 'an interaction was handled without keeping its answer',
            constraint = 'handled_interactions_have_an_answer';
    end if;
    return null;
end
$$;
revoke all on function internal.require_answer() from public, anon, authenticated, service_role;

create constraint trigger handled_interactions_have_an_answer
after insert on public.handled_interactions
deferrable initially deferred
for each row execute function internal.require_answer();
