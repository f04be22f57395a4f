-- What makes an event pay by itself: the trigger in its rule's detection_config (see migration 021).

-- Give the events of a server that activity pays, by type: [{event, trigger, …}], with the keywords as they are
-- compared. The check-in is taken by the day alone. A config from before migration 021 may be anything.
create function internal.triggered_rules(p_server public.discord_server_configs) returns jsonb
language plpgsql stable
as $$
begin
    return (
        select coalesce(jsonb_agg(
            '{"match": "contains"}' || detection_config || jsonb_build_object('event', event_type)
                || case when detection_config ? 'keywords' then jsonb_build_object('keywords', (
                    select coalesce(jsonb_agg(folded) filter (where folded <> ''), '[]') -- '' is in every text
                    from jsonb_array_elements_text(detection_config -> 'keywords') as keyword,
                        internal.folded(keyword) as folded
                )) else '{}' end
            order by event_type
        ), '[]')
        from internal.rules_of(p_server)
        where is_enabled is not false and event_type <> 'daily_checkin' and jsonb_typeof(detection_config) = 'object'
            and detection_config ? 'trigger' and (internal.detection_problem(detection_config)).field is null
    );
end
$$;

-- Give the events that an item fires by itself; reactions and voice depend on what came before. A brand's own event is
-- named by the item.
create function internal.fires(p_rules jsonb, p_item jsonb) returns jsonb
language plpgsql immutable
as $$
declare
    v_rule jsonb;
    v_type text := p_item ->> 'type';
    v_text text := p_item ->> 'text';
    v_is_folded boolean := false;
    v_fires jsonb := '[]';
begin
    if v_type = 'event' then
        return jsonb_build_array(p_item -> 'event');
    elsif v_type in ('reaction', 'reaction_removed', 'voice') then
        return v_fires;
    end if;
    for v_rule in select rule from jsonb_array_elements(p_rules) as rule loop
        if v_rule ->> 'trigger' = v_type or v_rule ->> 'trigger' = 'keyword' and v_type = 'message' then
            if internal.is_in_channels(v_rule, p_item) and internal.is_long_enough(v_rule, p_item) then
                if v_rule ->> 'trigger' <> 'keyword' then
                    v_fires := v_fires || (v_rule -> 'event');
                elsif v_text is not null then
                    if not v_is_folded then
                        v_text := internal.folded(v_text);
                        v_is_folded := true;
                    end if;
                    if internal.has_keyword(v_text, v_rule -> 'keywords', v_rule ->> 'match') then
                        v_fires := v_fires || (v_rule -> 'event');
                    end if;
                end if;
            end if;
        end if;
    end loop;
    return v_fires;
end
$$;

-- Tell whether an item is in one of a rule's channels, if it has any.
create function internal.is_in_channels(p_rule jsonb, p_item jsonb) returns boolean
language plpgsql immutable
as $$
begin
    return not p_rule ? 'channels' or internal.is_in_places(p_rule -> 'channels', p_item);
end
$$;

-- Tell whether a message has the characters and words that a rule asks for; words are what stands between spaces.
create function internal.is_long_enough(p_rule jsonb, p_item jsonb) returns boolean
language plpgsql immutable
as $$
begin
    if p_rule ? 'min_characters' then
        if coalesce((p_item ->> 'characters')::numeric, char_length(p_item ->> 'text'), 0)
            < (p_rule ->> 'min_characters')::numeric
        then
            return false;
        end if;
    end if;
    if p_rule ? 'min_words' then
        return coalesce(
            (p_item ->> 'words')::numeric,
            array_length(regexp_split_to_array(nullif(btrim(p_item ->> 'text', E' \t\n\r'), ''), '\s+'), 1), 0
        ) >= (p_rule ->> 'min_words')::numeric;
    end if;
    return true;
end
$$;

-- Give a text as it is compared: one case, one form of each character, spaces for lines. Plain ASCII has one form. The
-- dot over a Turkish capital I is left out, as some locales do and others do not.
create function internal.folded(p_text text) returns text
language plpgsql immutable
as $$
declare
    v_text text := btrim(translate(lower(p_text), E'\t\n\r', '   '));
begin
    if octet_length(v_text) > char_length(v_text) then
        v_text := translate(lower(internal.normalized(v_text)), 'ς', 'σ');
        return btrim(replace(replace(v_text, 'ß', 'ss'), U&'i\0307', 'i'));
    end if;
    return v_text;
end
$$;

-- Give a text with one form of each character. A word of more than a hundred characters is taken in pieces: to sort
-- marks that pile up takes the square of their number, and somebody may write thousands of them.
create function internal.normalized(p_text text) returns text
language sql immutable
as $$
    select case when p_text ~ '\S{101}' then (
        select string_agg(normalize(piece[1], NFKC), '' order by place)
        from regexp_matches(p_text, '\S{1,100}|\s+', 'g') with ordinality as pieces (piece, place)
    ) else normalize(p_text, NFKC) end
$$;

-- Tell whether a folded text has one of the folded keywords: contains, starts or whole, where no letter or digit stands
-- before or behind it, nor an accent behind. No pattern is made of either.
create function internal.has_keyword(p_text text, p_keywords jsonb, p_match text) returns boolean
language plpgsql immutable
as $$
declare
    v_keyword text;
    v_with_edges text;
begin
    for v_keyword in select keyword from jsonb_array_elements_text(p_keywords) as keyword loop
        if p_match = 'starts' then
            if starts_with(p_text, v_keyword) then
                return true;
            end if;
        elsif strpos(p_text, v_keyword) > 0 then
            if p_match = 'contains' then
                return true;
            end if;
            v_with_edges := coalesce(v_with_edges, internal.with_edges(p_text));
            if strpos(v_with_edges, internal.with_edges(v_keyword)) > 0 then
                return true;
            end if;
        end if;
    end loop;
    return false;
end
$$;

-- Give a text with a mark wherever a word may begin or end: at its ends, and between all characters but two of one
-- word. So a keyword with its marks is found in a text with its own where it stands alone, by one look at any text.
create function internal.with_edges(p_text text) returns text
language sql immutable
as $$
    select regexp_replace(p_text, '(?<![[:alnum:]])|(?![[:alnum:]\u0300-\u036f])', pg_catalog.chr(1), 'g')
$$;
