-- An admin's change of a drop: authorize it under the drop's lock, make it, record it.

-- Lock the open drop that an admin of its server is about to change, or give the answer to return instead: that of
-- internal.authorize_change, drop_unknown, drop_over {drop, ended_at}. Lock the drop last: all its claimers wait.
create function internal.lock_drop_to_change(
    p_caller internal.caller,
    p_drop_id uuid,
    p_now timestamptz,
    out answer jsonb,
    out drop_before public.discord_drops,
    out brand_id text,
    out reward numeric -- what its event pays
)
language plpgsql volatile
as $$
declare
    v_access record;
begin
    v_access := internal.authorize_change(p_caller, p_now);
    answer := v_access.answer;
    if answer ? 'message' then -- a redelivery: say how the message stands now
        answer := answer || jsonb_build_object('message', internal.drop_message_state(
            (answer #>> '{drop,drop_id}')::uuid, (answer #>> '{drop,revision}')::integer
        ));
    end if;
    if answer is not null then
        return;
    end if;
    brand_id := (v_access.server).brand_id;
    select rule.reward_amount into reward
    from public.discord_drops as d
    cross join internal.rule((v_access.server).brand_id, p_caller.server_id, d.event_id) as rule
    where d.drop_id = p_drop_id;

    select * into drop_before from public.discord_drops
    where drop_id = p_drop_id and server_id = p_caller.server_id
    for no key update;
    drop_before.claims_count := internal.claims_by_now(drop_before);
    if drop_before.drop_id is null then
        answer := internal.keep_answer(p_caller, jsonb_build_object('outcome', 'drop_unknown'));
    elsif internal.drop_end_reason(drop_before, p_now) is not null then
        drop_before.end_reason := internal.drop_end_reason(drop_before, p_now);
        answer := internal.keep_answer(p_caller, jsonb_build_object(
            'outcome', 'drop_over',
            'drop', internal.drop_facts(drop_before, reward),
            'ended_at', coalesce(drop_before.ended_at, least(drop_before.expires_at, p_now))
        ));
    end if;
end
$$;

-- Refuse a given field that no message shows: field_not_shown {drop, field}; else NULL. A reaction drop has no button to
-- label, and somebody else's message has no text of ours.
create function internal.field_refusal(
    p_drop public.discord_drops,
    p_facts jsonb,
    p_label text,
    p_description text,
    p_title text,
    p_colour integer
) returns jsonb
language plpgsql stable
as $$
declare
    v_field text := case
        when p_drop.drop_type is distinct from 'reaction' then null
        when p_label is not null then 'label'
        when internal.drop_is_shown(p_drop) then null
        when p_description is not null then 'description'
        when p_title is not null then 'title'
        when p_colour is not null then 'colour'
    end;
begin
    if v_field is null then
        return null;
    end if;
    return jsonb_build_object('outcome', 'field_not_shown', 'drop', p_facts, 'field', v_field);
end
$$;

-- Give whether the message of a drop shows a revision: 'shown', 'later' (not yet), or 'gone'.
create function internal.drop_message_state(p_drop_id uuid, p_revision integer) returns text
language plpgsql stable
as $$
begin
    return coalesce((
        select case
            when end_reason = 'message_deleted' then 'gone'
            when is_settled or rendered_revision >= p_revision then 'shown'
            else 'later'
        end
        from public.discord_drops where drop_id = p_drop_id
    ), 'gone');
end
$$;

-- Close a locked drop, and give its new row.
create function internal.close_drop(p_drop public.discord_drops, p_end_reason text, p_now timestamptz)
returns public.discord_drops
language plpgsql volatile
as $$
declare
    v_closed public.discord_drops;
begin
    update public.discord_drops
    set ended_at = p_now, end_reason = p_end_reason, is_settled = not internal.drop_has_message(p_drop)
    where drop_id = p_drop.drop_id
    returning * into v_closed;
    return v_closed;
end
$$;

-- Write an admin's change of a drop into the audit log, lease its message to the caller if it is free, and give the
-- answer: p_answer with {drop, message}. message is 'yours' (edit it now), 'later' (whoever holds the lease, or the
-- schedule, will show the change) or 'shown' (there is none to edit). A redelivery is told 'later', 'shown' or 'gone'.
create function internal.record_drop_change(
    p_caller internal.caller,
    p_action text,
    p_before record, -- from internal.lock_drop_to_change
    p_after public.discord_drops,
    p_answer jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_facts jsonb := internal.drop_facts(p_after, p_before.reward);
    v_answer jsonb := p_answer || jsonb_build_object('drop', v_facts);
    v_message text := case
        when not internal.drop_has_message(p_after) then
            case when internal.drop_is_shown(p_after) and p_after.ended_at is null then 'later' else 'shown' end
        -- Do not edit a leased message: two edits at once may arrive in the wrong order, and the older one would stay.
        -- A lease lasts two minutes at most; a longer delay is that of an edit that failed.
        when p_after.render_after > p_now and p_after.render_after <= p_now + interval '2 minutes' then 'later'
        else 'yours'
    end;
begin
    perform internal.log_action(
        p_caller, p_before.brand_id, p_action,
        internal.drop_facts(p_before.drop_before, p_before.reward), v_facts, p_now, p_details => v_answer
    );
    if v_message = 'yours' then
        update public.discord_drops set render_after = p_now + interval '30 seconds' where drop_id = p_after.drop_id;
    end if;
    return internal.keep_answer(p_caller, v_answer || jsonb_build_object('message', v_message));
end
$$;
