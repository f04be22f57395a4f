-- Activity and events as they are recorded: one batch of one server in one transaction.
--
-- Batches of a server follow each other. One locks the server, as whoever changes it does, then every member that it
-- counts or may pay, in the order of their ids, then the totals of the events that it may pay, as payment.sql has it.

-- Tell whether a key may report for a server: an operator's for any, a brand's program's for those that act for it.
create function internal.may_report(p_key text, p_is_operator boolean, p_server public.discord_server_configs)
returns boolean
language plpgsql stable
as $$
begin
    if p_is_operator then
        return true;
    elsif p_server.server_id is null or p_server.is_active is false or to_regclass('public.brand_keys') is null then
        return false;
    end if;
    return exists (
        select from public.brand_keys where brand_id = p_server.brand_id and kind = 'program' and key = p_key
    );
end
$$;

-- Wait for the server's batches before this one, and give the server as it stays until this one is recorded: its brand
-- and its settings are those of the whole batch.
create function internal.take_turn(p_server_id text) returns public.discord_server_configs
language plpgsql volatile
as $$
declare
    v_server public.discord_server_configs;
begin
    perform pg_advisory_xact_lock(hashtextextended('events of ' || p_server_id, 0));
    select * into v_server from public.discord_server_configs where server_id = p_server_id for share;
    return v_server;
end
$$;

-- Record the items of a batch and give their answers, in their order: see public.record_events.
create function internal.record_items(p_server public.discord_server_configs, p_items jsonb, p_now timestamptz)
returns jsonb
language plpgsql volatile
as $$
declare
    v_rules jsonb := internal.triggered_rules(p_server);
    v_has_received boolean := not internal.missing_migrations() ? '008';
    v_items jsonb;
    v_item jsonb;
    v_step jsonb; -- see internal.take_item
    v_steps jsonb[];
    v_waits jsonb := '{}'; -- cooldowns that this batch has met, by member (with place and roles) and event
begin
    v_items := internal.read_items(p_server, v_rules, p_items, p_now);
    perform internal.lock_members(p_server.server_id, v_items);
    perform internal.lock_totals(p_server, v_rules, v_items);
    v_steps := internal.tell_authors(p_server.server_id, v_items, v_has_received);
    for v_item in
        select item from jsonb_array_elements(v_items) as item
        where not item ? 'answer' and not item ? 'repeats' and (item ->> 'type' <> 'message' or item -> 'fires' <> '[]')
        order by (item ->> 'at')::timestamptz, (item ->> 'place')::integer
    loop
        v_step := internal.take_item(p_server.server_id, v_rules, v_item, v_has_received, v_waits);
        v_steps := array_append(v_steps, v_step);
        v_waits := v_waits || (v_step -> 'waits');
    end loop;
    perform internal.count_activity(p_server.server_id, v_items, v_steps);
    return internal.keep_results(p_server.server_id, v_items, v_steps, v_has_received, p_now);
end
$$;

-- Lock all members that a batch counts or may pay.
create function internal.lock_members(p_server_id text, p_items jsonb) returns void
language plpgsql volatile
as $$
declare
    v_member text;
begin
    for v_member in
        select distinct member collate "C"
        from jsonb_array_elements(p_items) as item, unnest(array[item ->> 'user_id', item ->> 'author_id']) as member
        where member is not null and not item ? 'answer'
        order by 1
    loop
        perform internal.lock_earner(p_server_id, v_member);
    end loop;
end
$$;

-- Lock the totals of the events that a batch may pay, in the order of their types: also of those that are not limited,
-- because they may be before the batch is recorded.
create function internal.lock_totals(p_server public.discord_server_configs, p_rules jsonb, p_items jsonb) returns void
language plpgsql volatile
as $$
declare
    v_rule public.monitoring_rules;
begin
    for v_rule in
        select r.* from internal.rules_of(p_server) as r
        where r.event_type in (
            select event from jsonb_array_elements(p_items) as item, jsonb_array_elements_text(item -> 'fires') as event
            union all
            select rule ->> 'event' from jsonb_array_elements(p_rules) as rule
            where rule ->> 'trigger' in ('reactions', 'voice')
        )
        order by r.event_type collate "C"
    loop
        v_rule.max_total_claims := 0;
        perform internal.lock_total(p_server.server_id, v_rule);
    end loop;
end
$$;

-- Take one item that is not settled: change what is known of reactions and voice, and pay what fires. Give {place,
-- counts: {user_id, minutes, given, author_id, received}, payments: [{paid} or {refused}, …], waits: the cooldowns that
-- it has met}. Whoever is known to wait, in the same place with the same roles, is refused without a further look.
create function internal.take_item(
    p_server_id text,
    p_rules jsonb,
    p_item jsonb,
    p_has_received boolean,
    p_waits jsonb
) returns jsonb
language plpgsql volatile
as $$
declare
    v_payee text := p_item ->> case p_item ->> 'type' when 'reaction' then 'author_id' else 'user_id' end;
    v_event text;
    v_counts jsonb := '{}';
    v_fires jsonb := p_item -> 'fires';
    v_who text := jsonb_build_array(v_payee, p_item -> 'channel_id', p_item -> 'parent_ids', p_item -> 'role_ids');
    v_payment jsonb;
    v_payments jsonb := '[]';
    v_waits jsonb := '{}';
begin
    if p_item ->> 'type' = 'voice' then
        v_counts := internal.take_voice(p_server_id, p_rules, p_item);
        v_fires := v_counts -> 'fires';
    elsif p_item ->> 'type' in ('reaction', 'reaction_removed') then
        v_counts := internal.take_reaction(p_server_id, p_item, p_has_received);
        if (v_counts ->> 'given')::integer > 0 and v_payee is not null then
            v_fires := internal.reactions_fire(p_server_id, p_rules, p_item);
        end if;
    end if;
    for v_event in select event from jsonb_array_elements_text(v_fires) as event loop
        v_payment := p_waits -> (v_who || ' ' || v_event);
        if v_payment is null
            or (v_payment #>> '{refused,retry_at}')::timestamptz <= (p_item ->> 'pays_at')::timestamptz
        then
            v_payment := internal.pay_item(p_server_id, p_item, v_payee, v_event);
            if v_payment #>> '{refused,outcome}' = 'cooldown' then
                v_waits := v_waits || jsonb_build_object(v_who || ' ' || v_event, v_payment);
            end if;
        end if;
        v_payments := v_payments || v_payment;
    end loop;
    return jsonb_build_object(
        'place', p_item -> 'place', 'counts', v_counts, 'payments', v_payments, 'waits', v_waits
    );
end
$$;

-- Add an item's seconds: give {user_id, minutes: the full minutes that are reached, fires: the events whose period is
-- reached, each once however many periods}.
create function internal.take_voice(p_server_id text, p_rules jsonb, p_item jsonb) returns jsonb
language plpgsql volatile
as $$
declare
    v_rule jsonb;
    v_periods integer;
    v_fires jsonb := '[]';
begin
    for v_rule in select rule from jsonb_array_elements(p_rules) as rule where rule ->> 'trigger' = 'voice' loop
        if internal.is_in_channels(v_rule, p_item) then
            v_periods := internal.add_seconds(
                p_server_id, p_item, v_rule ->> 'event', (v_rule ->> 'minutes')::integer * 60
            );
            if v_periods > 0 then
                v_fires := v_fires || (v_rule -> 'event');
            end if;
        end if;
    end loop;
    return jsonb_build_object(
        'user_id', p_item -> 'user_id', 'minutes', internal.add_seconds(p_server_id, p_item, '', 60), 'fires', v_fires
    );
end
$$;

-- Add an item's seconds to what a member has left of them for an event, or for the minutes; give how many periods are
-- full now, and leave the rest.
create function internal.add_seconds(p_server_id text, p_item jsonb, p_event_type text, p_period integer)
returns integer
language plpgsql volatile
as $$
declare
    v_seconds integer := (p_item ->> 'seconds')::numeric::integer + coalesce((
        select seconds from public.voice_remainders
        where server_id = p_server_id and discord_user_id = p_item ->> 'user_id' and event_type = p_event_type
    ), 0);
begin
    insert into public.voice_remainders (server_id, discord_user_id, event_type, seconds)
    values (p_server_id, p_item ->> 'user_id', p_event_type, v_seconds % p_period)
    on conflict (server_id, discord_user_id, event_type) do update set seconds = excluded.seconds;
    return v_seconds / p_period;
end
$$;

-- Let those be the authors of messages whom a batch tells first: what others have reacted before was received, and what
-- they have themselves was not given. Give {counts: {user_id, given, author_id, received}} for each, as take_item.
create function internal.tell_authors(p_server_id text, p_items jsonb, p_has_received boolean) returns jsonb[]
language plpgsql volatile
as $$
declare
    v_told jsonb[];
begin
    with told as (
        select distinct item ->> 'message_id' as message_id, item ->> 'author_id' as author_id
        from jsonb_array_elements(p_items) as item
        where item ->> 'type' like 'reaction%' and item ->> 'author_id' is not null
    ), before as (
        select r.message_id, r.discord_user_id, r.emoji, r.is_there, told.author_id,
            r.discord_user_id = told.author_id as is_own
        from told
        join public.message_reactions as r on r.server_id = p_server_id and r.message_id = told.message_id
        where r.author_id is null and not exists ( -- else it was told before: do not look at them all
            select from public.message_reactions as known
            where known.server_id = p_server_id and known.message_id = told.message_id and known.author_id is not null
        )
    ), after as (
        update public.message_reactions as r
        set author_id = b.author_id,
            is_there = r.is_there and not b.is_own,
            is_received = r.is_there and not b.is_own and p_has_received
        from before as b
        where r.server_id = p_server_id and r.message_id = b.message_id
            and r.discord_user_id = b.discord_user_id and r.emoji = b.emoji
    )
    select array_agg(jsonb_build_object('counts', counts)) into v_told
    from (
        select jsonb_build_object(
            'user_id', author_id,
            'given', -count(*) filter (where is_own),
            'author_id', author_id,
            'received', count(*) filter (where not is_own and p_has_received)
        ) as counts
        from before where is_there
        group by author_id
    ) as each;
    return coalesce(v_told, '{}');
end
$$;

-- Note that a reaction is there or was taken back, by the newest item that tells; at the same moment the removal is the
-- newer. Give {user_id, given, author_id, received}: what changes for the one who reacted and for the author.
create function internal.take_reaction(p_server_id text, p_item jsonb, p_has_received boolean) returns jsonb
language plpgsql volatile
as $$
declare
    v_before public.message_reactions;
    v_after public.message_reactions;
begin
    select * into v_before from public.message_reactions
    where server_id = p_server_id and message_id = p_item ->> 'message_id'
        and discord_user_id = p_item ->> 'user_id' and emoji = p_item ->> 'emoji';
    v_after := v_before;
    v_after.author_id := coalesce(v_before.author_id, p_item ->> 'author_id');
    v_after.changed_at := greatest(v_before.changed_at, (p_item ->> 'at')::timestamptz);
    if v_before.server_id is null or v_before.changed_at < v_after.changed_at
        or v_before.changed_at = (p_item ->> 'at')::timestamptz and v_before.is_there
    then
        v_after.is_there := p_item ->> 'type' = 'reaction';
    end if;
    v_after.is_received := v_after.is_there
        and (coalesce(v_before.is_received, false) or p_has_received and v_after.author_id is not null);
    insert into public.message_reactions
    values (
        p_server_id, p_item ->> 'message_id', p_item ->> 'user_id', p_item ->> 'emoji', v_after.author_id,
        v_after.is_there, v_after.is_received, v_after.changed_at
    )
    on conflict (server_id, message_id, discord_user_id, emoji) do update
    set author_id = excluded.author_id, is_there = excluded.is_there, is_received = excluded.is_received,
        changed_at = excluded.changed_at;
    return jsonb_build_object(
        'user_id', p_item -> 'user_id',
        'given', v_after.is_there::integer - coalesce(v_before.is_there, false)::integer,
        'author_id', v_after.author_id,
        'received', v_after.is_received::integer - coalesce(v_before.is_received, false)::integer
    );
end
$$;

-- Give the events that pay an item's message for the members who have reacted to it, its author left out, and have not
-- paid it yet.
create function internal.reactions_fire(p_server_id text, p_rules jsonb, p_item jsonb) returns jsonb
language plpgsql volatile
as $$
declare
    v_members integer;
begin
    if not p_rules @? '$[*] ? (@.trigger == "reactions")' then
        return '[]';
    end if;
    select count(*) into v_members
    from (
        select distinct discord_user_id from public.message_reactions
        where server_id = p_server_id and message_id = p_item ->> 'message_id' and is_there
            and discord_user_id <> p_item ->> 'author_id'
        order by discord_user_id
        limit 25 -- no event asks for more, and thousands may have reacted
    ) as members;
    return (
        select coalesce(jsonb_agg(rule -> 'event'), '[]') from jsonb_array_elements(p_rules) as rule
        where rule ->> 'trigger' = 'reactions' and (rule ->> 'min_reactions')::integer <= v_members
            and internal.is_in_channels(rule, p_item)
            and not exists (
                select from public.reward_ledger
                where source = 'activity' and server_id = p_server_id and event_type = rule ->> 'event'
                    and reference = 'message:' || (p_item ->> 'message_id')
                    and reference like 'message:%' -- the index
            )
    );
end
$$;

-- Add to the stats what a batch has counted.
create function internal.count_activity(p_server_id text, p_items jsonb, p_steps jsonb[]) returns void
language plpgsql volatile
as $$
declare
    v_counted jsonb;
begin
    select jsonb_agg(counted) into v_counted
    from (
        select member, sum(messages) as messages, sum(minutes) as minutes, sum(given) as given,
            sum(received) as received
        from (
            select item ->> 'user_id' as member, 1 as messages, 0 as minutes, 0 as given, 0 as received
            from jsonb_array_elements(p_items) as item
            where item ->> 'type' = 'message' and not item ? 'answer'
            union all
            select step #>> '{counts,user_id}', 0, coalesce((step #>> '{counts,minutes}')::integer, 0),
                coalesce((step #>> '{counts,given}')::integer, 0), 0
            from unnest(p_steps) as step
            union all
            select step #>> '{counts,author_id}', 0, 0, 0, (step #>> '{counts,received}')::integer
            from unnest(p_steps) as step
        ) as each
        where member is not null and (messages, minutes, given, received) <> (0, 0, 0, 0)
        group by member
        order by member
    ) as counted;

    insert into public.discord_user_stats (server_id, discord_user_id)
    select p_server_id, c.member from jsonb_to_recordset(v_counted) as c (member text)
    on conflict (server_id, discord_user_id) do nothing;
    update public.discord_user_stats as s
    set messages_count = internal.moved(s.messages_count, c.messages),
        voice_minutes = internal.moved(s.voice_minutes, c.minutes),
        reactions_count = internal.moved(s.reactions_count, c.given)
    from jsonb_to_recordset(v_counted) as c (member text, messages integer, minutes integer, given integer)
    where s.server_id = p_server_id and s.discord_user_id = c.member and (c.messages, c.minutes, c.given) <> (0, 0, 0);
    if v_counted @? '$[*] ? (@.received != 0)' then -- only with migration 008
        update public.discord_user_stats as s
        set reactions_received = internal.moved(s.reactions_received, c.received)
        from jsonb_to_recordset(v_counted) as c (member text, received integer)
        where s.server_id = p_server_id and s.discord_user_id = c.member and c.received <> 0;
    end if;
end
$$;

-- Give a counter after a change, within what its column holds: other programs write counters as well.
create function internal.moved(p_counter integer, p_by integer) returns integer
language sql immutable
as $$
    select greatest(least(p_counter::bigint + p_by, 2147483647), 0)::integer
$$;

-- Remember the items of a batch with what came of them, and give the answers to all.
create function internal.keep_results(
    p_server_id text,
    p_items jsonb,
    p_steps jsonb[],
    p_has_received boolean,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_answers jsonb; -- of the items that are new, by id
begin
    select jsonb_object_agg(item ->> 'id', coalesce(
        item -> 'answer', internal.item_answer(item ->> 'type', step -> 'payments', p_has_received)
    )) into v_answers
    from jsonb_array_elements(p_items) as item
    left join unnest(p_steps) as step on step -> 'place' = item -> 'place'
    where not item ? 'answer' and not item ? 'repeats' or item ? 'is_new';

    insert into public.recorded_items as r (slot, server_id, item_id, received_at, answer)
    select internal.item_slot(p_now), p_server_id, key, p_now,
        nullif(internal.kept_answer(value), '{"result": "counted"}')
    from jsonb_each(v_answers)
    on conflict (server_id, item_id, slot) do update -- what was there is older than any that counts
    set received_at = excluded.received_at, answer = excluded.answer;

    return (
        select coalesce(jsonb_agg(jsonb_build_object('id', item -> 'id') || case
            when item ? 'repeats' then jsonb_build_object(
                'result', 'duplicate', 'first', internal.kept_answer(v_answers -> (item ->> 'id'))
            )
            else coalesce(item -> 'answer', v_answers -> (item ->> 'id'))
        end order by (item ->> 'place')::integer), '[]')
        from jsonb_array_elements(p_items) as item
    );
end
$$;

-- Give the part of recorded_items in which the items of a day are.
create function internal.item_slot(p_at timestamptz) returns smallint
language sql immutable
as $$
    select (floor(extract(epoch from p_at) / 86400)::bigint % 12)::smallint
$$;

-- Give the answer to an item that was taken: paid where a rule has paid, counted where it counts for something, else
-- refused, or ignored because no rule fires.
create function internal.item_answer(p_type text, p_payments jsonb, p_has_received boolean) returns jsonb
language plpgsql immutable
as $$
declare
    v_paid jsonb := jsonb_path_query_array(p_payments, '$[*].paid');
    v_refused jsonb := jsonb_path_query_array(p_payments, '$[*].refused');
begin
    if p_payments is null then
        return '{"result": "counted"}';
    end if;
    return jsonb_strip_nulls(jsonb_build_object(
        'result', case
            when v_paid <> '[]' then 'paid'
            when p_type not in ('join', 'boost', 'event') then 'counted'
            when v_refused <> '[]' then 'refused'
            else 'ignored'
        end,
        'reason', case when p_type in ('join', 'boost') and p_payments = '[]' then 'no_rule' end,
        'missing', case when p_type in ('reaction', 'reaction_removed') and not p_has_received then '008' end,
        'paid', nullif(v_paid, '[]'),
        'refused', nullif(v_refused, '[]')
    ));
end
$$;

-- Give what is remembered of an answer: without the facts of its refusals.
create function internal.kept_answer(p_answer jsonb) returns jsonb
language plpgsql immutable
as $$
begin
    if not p_answer ? 'refused' then
        return p_answer;
    end if;
    return p_answer || jsonb_build_object('refused', (
        select jsonb_agg(jsonb_build_object('event', refused -> 'event', 'outcome', refused -> 'outcome'))
        from jsonb_array_elements(p_answer -> 'refused') as refused
    ));
end
$$;

-- Refuse all items of a batch.
create function internal.refuse_items(p_items jsonb, p_refusal jsonb) returns jsonb
language plpgsql immutable
as $$
begin
    return (
        select jsonb_agg(jsonb_build_object(
            'id', case when item @@ 'strict $.id like_regex "^.{1,100}$" flag "s"' then item -> 'id' end,
            'result', 'refused', 'refused', jsonb_build_array(p_refusal)
        ) order by place)
        from jsonb_array_elements(p_items) with ordinality as given (item, place)
    );
end
$$;

-- Empty the parts of recorded_items that have no item of the last days, in the order in which readers lock them; give
-- how many had any. One call at a time: each looks into all parts before it locks some.
create function internal.empty_old_slots(p_now timestamptz) returns integer
language plpgsql volatile
as $$
declare
    v_slots integer[];
    v_slot integer;
    v_emptied integer := 0;
begin
    perform pg_advisory_xact_lock(hashtextextended('prune events', 0));
    v_slots := array(
        select slot from generate_series(0, 11) as slot
        where exists (select from public.recorded_items as r where r.slot = slot.slot)
            and not internal.is_slot_needed(slot, p_now)
        order by slot
    );
    foreach v_slot in array v_slots loop
        execute format('lock table internal.recorded_items_%s in access exclusive mode', v_slot);
        -- Look again: whoever was waited for may have recorded items in it.
        if not internal.is_slot_needed(v_slot, p_now) then
            execute format('truncate internal.recorded_items_%s', v_slot);
            v_emptied := v_emptied + 1;
        end if;
    end loop;
    return v_emptied;
end
$$;

-- Tell whether a part of recorded_items has an item of the last days.
create function internal.is_slot_needed(p_slot integer, p_now timestamptz) returns boolean
language plpgsql volatile
as $$
begin
    return exists (
        select from public.recorded_items where slot = p_slot and received_at > p_now - interval '8 days'
    );
end
$$;
