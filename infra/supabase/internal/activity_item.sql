-- An item of a batch: what a member did, or an event of a brand's program. Nothing here repeats a value that was sent.

-- Give what is wrong with a field of an item: {field, problem: missing or malformed}, else NULL. JSON's null is absent.
create function internal.field_problem(p_item jsonb, p_field text, p_condition jsonpath, p_is_required boolean)
returns jsonb
language sql stable
as $$
    select case
        when coalesce(p_item -> p_field, 'null') = 'null' then
            case when p_is_required then pg_catalog.jsonb_build_object('field', p_field, 'problem', 'missing') end
        when not coalesce(p_item -> p_field @@ p_condition, false) then
            pg_catalog.jsonb_build_object('field', p_field, 'problem', 'malformed')
    end
$$;

-- The same of a field that is a Discord id, a list of them, or a text.
create function internal.id_problem(p_item jsonb, p_field text, p_is_required boolean) returns jsonb
language sql stable
as $$
    select internal.field_problem(p_item, p_field, 'strict $ like_regex "^[0-9]{1,20}$"', p_is_required)
$$;

create function internal.ids_problem(p_item jsonb, p_field text, p_most integer) returns jsonb
language sql stable
as $$
    select coalesce(
        internal.field_problem(
            p_item, p_field,
            'strict $.type() == "array" && !exists($[*] ? (@.type() != "string"))
             && !exists($[*] ? (!(@ like_regex "^[0-9]{1,20}$")))',
            false
        ),
        case when pg_catalog.jsonb_typeof(p_item -> p_field) = 'array' then
            case when pg_catalog.jsonb_array_length(p_item -> p_field) > p_most
                then pg_catalog.jsonb_build_object('field', p_field, 'problem', 'malformed') end
        end
    )
$$;

create function internal.name_problem(p_item jsonb, p_field text, p_is_required boolean) returns jsonb
language sql stable
as $$
    select internal.field_problem(p_item, p_field, 'strict $ like_regex "^.{1,100}$" flag "s"', p_is_required)
$$;

-- Give what is wrong with the time of an item: missing, malformed, too_old (by more than 7 days: ids are forgotten then) or
-- in_the_future (by more than 5 minutes); else NULL. Nothing is cast before it is known to be a date that there is.
create function internal.time_problem(p_item jsonb, p_now timestamptz) returns jsonb
language sql stable
as $$
    select coalesce(
        case when coalesce(p_item -> 'at', 'null') = 'null' then '{"field": "at", "problem": "missing"}'::jsonb end,
        case
            when pg_catalog.jsonb_typeof(p_item -> 'at') <> 'string'
                or p_item ->> 'at' !~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
                    'T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$'
                then '{"field": "at", "problem": "malformed"}'
            when substr(p_item ->> 'at', 9, 2) > '28' and extract(day from
                make_date(substr(p_item ->> 'at', 1, 4)::integer, substr(p_item ->> 'at', 6, 2)::integer, 28)
                + (substr(p_item ->> 'at', 9, 2)::integer - 28)
            ) < 28 then '{"field": "at", "problem": "malformed"}'
            when (p_item ->> 'at')::timestamptz < p_now - interval '7 days' then '{"field": "at", "problem": "too_old"}'
            when (p_item ->> 'at')::timestamptz > p_now + interval '5 minutes'
                then '{"field": "at", "problem": "in_the_future"}'
        end::jsonb
    )
$$;

-- Give what is wrong with an item: {field, problem}, the first of it, else NULL.
create function internal.item_problem(p_item jsonb, p_now timestamptz) returns jsonb
language sql stable
as $$
    select case when pg_catalog.jsonb_typeof(p_item) <> 'object' then '{"field": "item", "problem": "malformed"}'
    else coalesce(
        internal.name_problem(p_item, 'id', true),
        internal.field_problem(
            p_item, 'type',
            'strict $ == "message" || $ == "reaction" || $ == "reaction_removed" || $ == "voice" || $ == "join"
             || $ == "boost" || $ == "event"',
            true
        ),
        internal.time_problem(p_item, p_now),
        internal.id_problem(p_item, 'user_id', true),
        internal.field_problem(p_item, 'is_bot', 'strict $.type() == "boolean"', false),
        internal.id_problem(p_item, 'channel_id', false),
        internal.ids_problem(p_item, 'parent_ids', 10),
        internal.ids_problem(p_item, 'role_ids', 300),
        case p_item ->> 'type'
            when 'message' then internal.message_problem(p_item)
            when 'voice' then internal.field_problem(
                p_item, 'seconds', 'strict $ >= 1 && $ <= 86400 && $ % 1 == 0', true
            )
            when 'event' then coalesce(
                internal.name_problem(p_item, 'event', true),
                internal.field_problem(p_item, 'reason', 'strict $ like_regex "^.{1,200}$" flag "s"', false)
            )
            when 'join' then null
            when 'boost' then null
            else coalesce(
                internal.id_problem(p_item, 'message_id', true),
                internal.name_problem(p_item, 'emoji', true),
                internal.id_problem(p_item, 'author_id', false),
                internal.field_problem(p_item, 'author_is_bot', 'strict $.type() == "boolean"', false)
            )
        end
    ) end
$$;

-- Give what is wrong with the fields of a message; characters and words may be left out where its text is there.
create function internal.message_problem(p_item jsonb) returns jsonb
language sql stable
as $$
    select coalesce(
        internal.id_problem(p_item, 'message_id', false),
        internal.field_problem(p_item, 'text', 'strict $.type() == "string"', false),
        case when pg_catalog.char_length(p_item ->> 'text') > 4000
            then '{"field": "text", "problem": "malformed"}'::jsonb end,
        internal.field_problem(
            p_item, 'characters', 'strict $ >= 0 && $ <= 1000000 && $ % 1 == 0', p_item ->> 'text' is null
        ),
        internal.field_problem(
            p_item, 'words', 'strict $ >= 0 && $ <= 1000000 && $ % 1 == 0', p_item ->> 'text' is null
        )
    )
$$;

-- Read the items of a batch, and drop their texts: each as it was sent, with place (from 1), pays_at (its time, no later
-- than now), author_id as far as it is known, and fires: the events whose triggers the item meets by itself. An item that
-- is settled already has place, id and answer instead, and is_new if its id is to be remembered; one that comes again in
-- the same batch has place, id and repeats. Call this under the lock of the server's batches.
create function internal.read_items(
    p_server public.discord_server_configs,
    p_rules jsonb, -- see internal.triggered_rules
    p_items jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_own text[] := '{text,answer,is_new,repeats}'; -- fields that are not kept, or are set here alone
    v_excluded jsonb := coalesce(p_server.config_metadata -> 'excluded_channels', '[]');
    v_remembered jsonb := internal.remembered_answers(p_server.server_id, p_items, p_now);
    v_authors jsonb := internal.known_authors(p_server.server_id, p_items, p_now);
begin
    return (
        select jsonb_agg(case
            when problem is not null then jsonb_build_object(
                'id', case when problem ->> 'field' not in ('id', 'item') then item -> 'id' end,
                'answer', problem || '{"result": "invalid"}'
            )
            when v_remembered ? id then jsonb_build_object(
                'id', id, 'answer', jsonb_build_object('result', 'duplicate', 'first', v_remembered -> id)
            )
            when repetition > 1 then jsonb_build_object('id', id, 'repeats', true)
            when reason is not null then jsonb_build_object(
                'id', id, 'is_new', true, 'answer', jsonb_build_object('result', 'ignored', 'reason', reason)
            )
            else item || jsonb_build_object(
                'pays_at', least((item ->> 'at')::timestamptz, p_now),
                'author_id', v_authors -> message_id,
                'fires', fires
            )
        end || jsonb_build_object('place', place) order by place)
        from (
            select place, problem, item ->> 'id' as id,
                case when problem is null then item - v_own else item end as item,
                case when problem is null then internal.fires(p_rules, item) end as fires,
                case when item ->> 'type' like 'reaction%' then item ->> 'message_id' end as message_id,
                row_number() over (partition by problem is null, item ->> 'id' order by place) as repetition
            from jsonb_array_elements(p_items) with ordinality as given (item, place)
            cross join lateral (select internal.item_problem(item, p_now) as problem offset 0) as looked_at
        ) as sent
        cross join lateral (
            select case
                when problem is not null then null
                when item -> 'is_bot' = 'true' then 'bot'
                when item ->> 'type' like 'reaction%' and item -> 'author_is_bot' = 'true' then 'bot'
                when item ->> 'user_id' = v_authors ->> message_id then 'own_reaction'
                when v_excluded <> '[]' and item ->> 'type' <> 'event' and internal.is_in_places(v_excluded, item)
                    then 'channel_excluded'
            end as reason
        ) as ignored
    );
end
$$;

-- Give what came of those items of a batch that are remembered, by id.
create function internal.remembered_answers(p_server_id text, p_items jsonb, p_now timestamptz) returns jsonb
language plpgsql volatile
as $$
declare
    v_ids text[] := array(select item ->> 'id' from jsonb_array_elements(p_items) as item);
begin
    return (
        select coalesce(jsonb_object_agg(item_id, coalesce(answer, '{"result": "counted"}')), '{}')
        from public.recorded_items
        where server_id = p_server_id and item_id = any (v_ids) and received_at > p_now - interval '8 days'
    );
end
$$;

-- Give the authors of the messages of a batch's reactions, by message, as far as they are known: from an earlier batch,
-- else from the first valid item that names one.
create function internal.known_authors(p_server_id text, p_items jsonb, p_now timestamptz) returns jsonb
language plpgsql volatile
as $$
begin
    return (
        select coalesce(jsonb_object_agg(message_id, coalesce(known.author_id, told.author_id)), '{}')
        from (
            select item ->> 'message_id' as message_id, (array_agg(item ->> 'author_id' order by place) filter (
                where item ->> 'author_id' is not null and internal.item_problem(item, p_now) is null
            ))[1] as author_id
            from jsonb_array_elements(p_items) with ordinality as given (item, place)
            where item ->> 'type' like 'reaction%' and item ->> 'message_id' is not null
            group by 1
        ) as told
        left join lateral (
            select r.author_id from public.message_reactions as r
            where r.server_id = p_server_id and r.message_id = told.message_id and r.author_id is not null
            limit 1
        ) as known on true
    );
end
$$;

-- Tell whether an item's channel, or what that belongs to, is in a list: a thread counts as its channel, a channel as
-- its category.
create function internal.is_in_places(p_places jsonb, p_item jsonb) returns boolean
language plpgsql immutable
as $$
begin
    if p_places ? (p_item ->> 'channel_id') then
        return true;
    elsif jsonb_typeof(p_item -> 'parent_ids') = 'array' then
        return exists (select from jsonb_array_elements_text(p_item -> 'parent_ids') as place where p_places ? place);
    end if;
    return false;
end
$$;

-- Give a list of an item; an empty one where there is none.
create function internal.list(p_item jsonb, p_field text) returns jsonb
language sql immutable
as $$
    select coalesce(nullif(p_item -> p_field, 'null'), '[]')
$$;
