-- Events over HTTP: what is remembered of items for a week, and what the triggers of events may be. Payments wait while
-- this runs: the ledger is scanned once, for an index, some two seconds for a million rows.

select internal.lock_tables('monitoring_rules', 'reward_ledger');

-- The items that were recorded, so that each counts once, by the day on which they came: day number modulo 12. A week and
-- a day are needed, so three parts are old: the schedule empties each of them as a whole. If it does not run, a part holds
-- the items of several days until the newest is old; nothing that records ever waits for it or fails without it.
create table public.recorded_items (
    slot smallint not null,
    server_id text not null,
    item_id text not null,
    received_at timestamptz not null,
    answer jsonb, -- NULL: counted and nothing else, as nearly all are
    primary key (server_id, item_id, slot)
) partition by list (slot);

-- Who has reacted to a message with what, as far as items of the last week tell.
create table public.message_reactions (
    server_id text not null,
    message_id text not null,
    discord_user_id text not null,
    emoji text not null,
    author_id text, -- the message's; NULL: nobody has told yet
    is_there boolean not null, -- false: taken back, also before the reaction itself was reported
    is_received boolean not null, -- counted for the author
    changed_at timestamptz not null, -- by the time of the item
    primary key (server_id, message_id, discord_user_id, emoji)
);
create index reactions_by_age on public.message_reactions (changed_at);

-- Seconds in voice channels that are no full minute yet, or no full period of an event with the trigger voice.
create table public.voice_remainders (
    server_id text not null,
    discord_user_id text not null,
    event_type text not null, -- '': the minutes of discord_user_stats
    seconds integer not null,
    primary key (server_id, discord_user_id, event_type)
) with (fillfactor = 80);

create trigger recorded_items_hold_valid_values -- see 014
after insert or update on public.recorded_items
for each row when (new.server_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id');

create trigger message_reactions_hold_valid_values
after insert or update of server_id, message_id, discord_user_id, author_id on public.message_reactions
for each row when (
    new.server_id !~ '^[0-9]{1,20}$' or new.message_id !~ '^[0-9]{1,20}$' or new.discord_user_id !~ '^[0-9]{1,20}$'
    or new.author_id !~ '^[0-9]{1,20}$'
)
execute function internal.refuse_wrong_value('server_id', 'message_id', 'discord_user_id', 'author_id');

create trigger voice_remainders_hold_valid_values
after insert or update of server_id, discord_user_id on public.voice_remainders
for each row when (new.server_id !~ '^[0-9]{1,20}$' or new.discord_user_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id', 'discord_user_id');

do $$
declare
    v_table text;
begin
    foreach v_table in array array['recorded_items', 'message_reactions', 'voice_remainders'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from public, anon, authenticated, service_role', v_table);
        execute format('create policy resonance on public.%I for all to resonance using (true) with check (true)', v_table);
        execute format('grant select, insert, update, delete on public.%I to resonance', v_table);
    end loop;
    -- Nobody reads or writes the parts themselves.
    for v_slot in 0 .. 11 loop
        v_table := 'recorded_items_' || v_slot;
        execute format(
            'create table internal.%I partition of public.recorded_items for values in (%s)', v_table, v_slot
        );
        execute format('alter table internal.%I enable row level security', v_table);
        execute format('revoke all on internal.%I from public, anon, authenticated, service_role', v_table);
        execute format('grant truncate on internal.%I to resonance', v_table);
    end loop;
end
$$;

-- An item pays an event once. Ids may come again after a week, so the day belongs to an item's key; a message is paid once
-- for its reactions for ever.
create unique index ledger_pays_an_item_once on public.reward_ledger
(server_id, event_type, reference, (case when reference like 'item:%' then day end)) nulls not distinct
where source = 'activity' and (reference like 'item:%' or reference like 'message:%');

-- Give the field of a detection_config that is wrong, and what it must be; no field if the config is valid. One without a
-- trigger is another program's.
create function internal.detection_problem(p_config jsonb, out field text, out expected text)
language plpgsql immutable set search_path = ''
as $$
begin
    if jsonb_typeof(p_config) not in ('object', 'null') then
        field := 'detection_config';
        expected := 'be an object';
    end if;
    if jsonb_typeof(p_config) is distinct from 'object' or not p_config ? 'trigger' then
        return;
    end if;
    select coalesce(known.field, given.key), coalesce(known.expected, 'not be there, or not with this trigger')
    into field, expected
    from (values
        ('trigger', null::text[], true, '$ == "message" || $ == "keyword" || $ == "reactions" || $ == "voice" || $ == "join"
            || $ == "boost"'::jsonpath, 'be message, keyword, reactions, voice, join or boost'),
        ('keywords', '{keyword}', true, 'strict $.type() == "array" && $.size() > 0 && $.size() <= 50
            && !exists($[*] ? (@.type() != "string")) && !exists($[*] ? (!(@ like_regex "^.{1,100}$" flag "s")))
            && !exists($[*] ? (!(@ like_regex "\\S")))',
            'be a list of 1 to 50 texts of 1 to 100 characters'),
        ('match', '{keyword}', false, '$ == "contains" || $ == "starts" || $ == "whole"', 'be contains, starts or whole'),
        ('min_characters', '{message,keyword}', false, 'strict $ >= 1 && $ <= 4000 && $ % 1 == 0',
            'be a whole number from 1 to 4000'),
        ('min_words', '{message,keyword}', false, 'strict $ >= 1 && $ <= 2000 && $ % 1 == 0',
            'be a whole number from 1 to 2000'),
        ('min_reactions', '{reactions}', true, 'strict $ == 3 || $ == 5 || $ == 7 || $ == 10 || $ == 15 || $ == 20
            || $ == 25', 'be 3, 5, 7, 10, 15, 20 or 25'),
        ('minutes', '{voice}', true, 'strict $ >= 1 && $ <= 1440 && $ % 1 == 0', 'be a whole number from 1 to 1440'),
        ('channels', '{message,keyword,reactions,voice}', false, 'strict $.type() == "array" && $.size() > 0
            && $.size() <= 50 && !exists($[*] ? (@.type() != "string"))
            && !exists($[*] ? (!(@ like_regex "^[0-9]{1,20}$")))', 'be a list of 1 to 50 channel ids')
    ) as known (field, triggers, is_required, condition, expected)
    full join jsonb_each(p_config) as given on given.key = known.field
    where known.field is null
        or given.key is null and known.is_required and p_config ->> 'trigger' = any (known.triggers)
        or given.key is not null and not coalesce(p_config ->> 'trigger' = any (known.triggers), known.triggers is null)
        or given.key is not null and not coalesce(given.value @@ known.condition, false)
    order by known.field is distinct from 'trigger', known.field, given.key
    limit 1;
end
$$;
revoke all on function internal.detection_problem from public, anon, authenticated, service_role;
grant execute on function internal.detection_problem to resonance;

-- Refuse a detection_config by which nothing, or something else than was meant, would be paid, whoever writes it. What
-- stands there from before may stay, and be copied to a server.
create function internal.refuse_wrong_detection() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    v_found record := internal.detection_problem(new.detection_config);
begin
    if v_found.field is null or tg_op = 'UPDATE' and new.detection_config = old.detection_config or exists (
        select from public.monitoring_rules
        where brand_id = new.brand_id and event_type = new.event_type and server_id is null and id <> new.id
            and detection_config = new.detection_config
    ) then
        return null;
    end if;
    raise exception using
        errcode = 'check_violation',
        message = case v_found.field when 'detection_config' then '' else 'detection_config: ' end
            || left(v_found.field, 100) || ' must ' || v_found.expected,
        constraint = tg_name;
end
$$;
revoke all on function internal.refuse_wrong_detection from public, anon, authenticated, service_role;

create trigger rules_detect_what_can_be
after insert or update of detection_config on public.monitoring_rules
for each row when (new.detection_config is not null)
execute function internal.refuse_wrong_detection();

-- What /setup connect creates from now on, for the servers that have it as it was created.
update public.monitoring_rules
set detection_config = '{"trigger": "message", "min_characters": 100, "min_words": 20}'
where event_type = 'regular_engagement' and server_id is not null and detection_config is null
    and label = 'Regular engagement' and reward_amount = 10 and cooldown_hours = 1 and max_claims_per_user is null
    and max_total_claims is null and not claimable and is_enabled;
