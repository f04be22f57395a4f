-- A place: a channel or a thread. A thread counts as its channel, a channel as its category.

-- Refuse a place where rewards are off: channel_excluded {channel_id, excluded: itself, its channel or its category,
-- which an admin chose}; category_needed if it depends on a thread's category: the caller asks Discord for it and calls
-- again. Else NULL.
create function internal.place_refusal(p_caller internal.caller, p_settings jsonb) returns jsonb
language plpgsql stable
as $$
declare
    v_caller jsonb := to_jsonb(p_caller); -- its fields of migration 016 may be missing
    v_excluded jsonb := p_settings -> 'excluded_channels';
    v_place text;
begin
    select place into v_place
    from jsonb_array_elements_text(
        jsonb_build_array(p_caller.channel_id) || coalesce(nullif(v_caller -> 'parent_ids', 'null'), '[]')
    ) with ordinality as known (place, distance)
    where v_excluded ? place
    order by distance
    limit 1;
    if found then
        return jsonb_build_object(
            'outcome', 'channel_excluded', 'channel_id', p_caller.channel_id, 'excluded', v_place
        );
    elsif v_caller -> 'is_place_known' = 'false' and v_excluded <> '[]' then
        return jsonb_build_object('outcome', 'category_needed');
    end if;
    return null;
end
$$;
