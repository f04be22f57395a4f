-- An item of a batch: what a member did, or an event of a brand's program. Nothing here repeats a value that was sent.

-- Give what is wrong with a field of an item: {field, problem: missing or malformed}, else NULL. JSON's null is absent.
create function internal.field_problem(p_item jsonb, p_field text, p_condition jsonpath, p_is_required boolean)
returns jsonb
language sql immutable
as $$
    select case
        when coalesce(p_item -> p_field, 'null') = 'null' then
            case when p_is_required then pg_catalog.jsonb_build_object('field', p_field, 'problem', 'missing') end
        when not coalesce(p_item @@ p_condition, false) then
            pg_catalog.jsonb_build_object('field', p_field, 'problem', 'malformed')
    end
$$;

-- Give what is wrong with the time of an item: missing, malformed, too_old (more than 7 days: ids are forgotten by then)
-- or in_the_future (more than 5 minutes); else NULL. Nothing is cast before it is known to be a date that there is.
create function internal.time_problem(p_item jsonb, p_now timestamptz) returns jsonb
language sql stable
as $$
    select coalesce(
        internal.field_problem(
            p_item, 'at',
            'strict $.at like_regex "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"',
            true
        ),
        case
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
        internal.field_problem(p_item, 'id', 'strict $.id like_regex "^.{1,100}$" flag "s"', true),
        internal.field_problem(
            p_item, 'type', 'strict $.type == "message" || $.type == "reaction" || $.type == "reaction_removed" || $.type == "voice" || $.type == "join" || $.type == "boost" || $.type == "event"', true
        ),
        internal.time_problem(p_item, p_now),
        internal.field_problem(p_item, 'user_id', 'strict $.user_id like_regex "^[0-9]{1,20}$"', true),
        internal.field_problem(p_item, 'is_bot', 'strict $.is_bot.type() == "boolean"', false),
        internal.field_problem(p_item, 'channel_id', 'strict $.channel_id like_regex "^[0-9]{1,20}$"', false),
        internal.field_problem(
            p_item, 'parent_ids', 'strict $.parent_ids.type() == "array" && $.parent_ids.size() <= 10 && !exists($.parent_ids[*] ? (@.type() != "string")) && !exists($.parent_ids[*] ? (!(@ like_regex "^[0-9]{1,20}$")))', false
        ),
        internal.field_problem(
            p_item, 'role_ids', 'strict $.role_ids.type() == "array" && $.role_ids.size() <= 300 && !exists($.role_ids[*] ? (@.type() != "string")) && !exists($.role_ids[*] ? (!(@ like_regex "^[0-9]{1,20}$")))', false
        ),
        case p_item ->> 'type'
            when 'message' then internal.message_problem(p_item)
            when 'voice' then internal.field_problem(
                p_item, 'seconds', 'strict $.seconds >= 1 && $.seconds <= 86400 && $.seconds % 1 == 0', true
            )
            when 'event' then coalesce(
                internal.field_problem(p_item, 'event', 'strict $.event like_regex "^.{1,100}$" flag "s"', true),
                internal.field_problem(p_item, 'reason', 'strict $.reason like_regex "^.{1,200}$" flag "s"', false)
            )
            when 'join' then null
            when 'boost' then null
            else coalesce(
                internal.field_problem(p_item, 'message_id', 'strict $.message_id like_regex "^[0-9]{1,20}$"', true),
                internal.field_problem(p_item, 'emoji', 'strict $.emoji like_regex "^.{1,100}$" flag "s"', true),
                internal.field_problem(p_item, 'author_id', 'strict $.author_id like_regex "^[0-9]{1,20}$"', false)
            )
        end
    ) end
$$;

-- Give what is wrong with the fields of a message; characters and words may be left out where its text is there.
create function internal.message_problem(p_item jsonb) returns jsonb
language sql immutable
as $$
    select coalesce(
        internal.field_problem(p_item, 'message_id', 'strict $.message_id like_regex "^[0-9]{1,20}$"', false),
        internal.field_problem(p_item, 'text', 'strict $.text.type() == "string"', false),
        case when pg_catalog.char_length(p_item ->> 'text') > 4000
            then '{"field": "text", "problem": "malformed"}'::jsonb end,
        internal.field_problem(
            p_item, 'characters', 'strict $.characters >= 0 && $.characters <= 1000000 && $.characters % 1 == 0',
            p_item ->> 'text' is null
        ),
        internal.field_problem(
            p_item, 'words', 'strict $.words >= 0 && $.words <= 1000000 && $.words % 1 == 0', p_item ->> 'text' is null
        )
    )
$$;

-- Read the items of a batch, without what somebody wrote: each as it was sent, with place (from 1), at (now, if it is
-- ahead of now), author_id as far as anybody knows it, and fires: the events whose triggers it meets by itself. An item
-- that is settled by its looks has, with place and id, answer and is_new (its id is to be remembered), or repeats: its
-- place is behind another one of the same id. Hold the server's batches off meanwhile.
create function internal.read_items(
    p_server public.discord_server_configs,
    p_rules jsonb, -- see internal.triggered_rules
    p_items jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_excluded jsonb := coalesce(p_server.config_metadata -> 'excluded_channels', '[]');
begin
    return (
        with sent as materialized (
            select place, case when jsonb_typeof(item) = 'object' then item - 'text' else '{}' end as item, problem,
                case when problem is null then internal.fires(p_rules, item) end as fires
            from jsonb_array_elements(p_items) with ordinality as given (item, place)
            cross join lateral (select internal.item_problem(item, p_now) as problem offset 0) as looked_at
        ), valid as (
            select *, item ->> 'id' as id, (item ->> 'at')::timestamptz as at,
                row_number() over (partition by item ->> 'id' order by place) as repetition
            from sent where problem is null
        ), remembered as (
            select item_id, answer from public.recorded_items
            where server_id = p_server.server_id and item_id = any (array(select id from valid))
                and received_at > p_now - interval '8 days'
        ), authors as (
            select message_id, coalesce(known.author_id, told.author_id) as author_id
            from (
                select item ->> 'message_id' as message_id,
                    (array_agg(item ->> 'author_id' order by at, place) filter (where item ->> 'author_id' <> ''))[1]
                        as author_id
                from valid where item ->> 'type' in ('reaction', 'reaction_removed') group by 1
            ) as told
            left join lateral (
                select r.author_id from public.message_reactions as r
                where r.server_id = p_server.server_id and r.message_id = told.message_id and r.author_id is not null
                limit 1
            ) as known on true
        )
        select jsonb_agg(case
            when s.problem is not null then jsonb_build_object(
                'place', s.place, 'id', case when s.problem ->> 'field' not in ('id', 'item') then s.item -> 'id' end,
                'answer', s.problem || '{"result": "invalid"}'
            )
            when r.item_id is not null then jsonb_build_object(
                'place', s.place, 'id', v.id,
                'answer', jsonb_build_object(
                    'result', 'duplicate', 'first', coalesce(r.answer, '{"result": "counted"}')
                )
            )
            when v.repetition > 1 then jsonb_build_object('place', s.place, 'id', v.id, 'repeats', true)
            when ignored.reason is not null then jsonb_build_object(
                'place', s.place, 'id', v.id, 'is_new', true,
                'answer', jsonb_build_object('result', 'ignored', 'reason', ignored.reason)
            )
            else s.item || jsonb_build_object(
                'place', s.place, 'at', least(v.at, p_now), 'author_id', a.author_id, 'fires', s.fires
            )
        end order by s.place)
        from sent as s
        left join valid as v on v.place = s.place
        left join remembered as r on r.item_id = v.id
        left join authors as a on a.message_id = v.item ->> 'message_id' and v.item ->> 'type' like 'reaction%'
        cross join lateral (
            select case
                when v.item -> 'is_bot' = 'true' then 'bot'
                when v.item ->> 'user_id' = a.author_id then 'own_reaction'
                when v_excluded <> '[]' and v.item ->> 'type' <> 'event' and internal.is_excluded(v_excluded, v.item)
                    then 'channel_excluded'
            end as reason
        ) as ignored
    );
end
$$;

-- Tell whether an item's channel, or what that belongs to, is among the excluded ones.
create function internal.is_excluded(p_excluded jsonb, p_item jsonb) returns boolean
language plpgsql immutable
as $$
begin
    return exists (
        select from jsonb_array_elements_text(jsonb_build_array(p_item -> 'channel_id') || internal.list(p_item, 'parent_ids'))
            as place
        where p_excluded ? place
    );
end
$$;

-- Give a list of an item; an empty one where there is none.
create function internal.list(p_item jsonb, p_field text) returns jsonb
language sql immutable
as $$
    select coalesce(nullif(p_item -> p_field, 'null'), '[]')
$$;
