-- An admin's change of a drop: authorize it under the drop's lock, make it, record it.

-- Lock the open drop that an admin of its server is about to change, or give the answer that is due instead: a refusal
-- (those of internal.authorize_admin, drop_unknown, drop_over {drop, ended_at}), or the answer to this interaction's
-- first delivery. Lock a drop after everything else: all who claim it wait.
create function internal.lock_drop_to_change(
    p_caller internal.caller,
    p_drop_id uuid,
    p_action text,
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
    v_first_answer jsonb;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    answer := v_access.refusal;
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
    for update;
    if not found then
        answer := jsonb_build_object('outcome', 'drop_unknown');
        return;
    end if;

    select details into v_first_answer from public.discord_audit_log
    where interaction_id = p_caller.interaction_id and action = p_action;
    if found then -- redelivered: do not undo a later change of the drop, nor of its message
        answer := v_first_answer || jsonb_build_object('message', case
            when drop_before.end_reason = 'message_deleted' then 'gone'
            when drop_before.is_settled
                or drop_before.rendered_revision >= (v_first_answer #>> '{drop,revision}')::integer then 'shown'
            else 'later'
        end);
    elsif internal.drop_end_reason(drop_before, p_now) is not null then
        drop_before.end_reason := internal.drop_end_reason(drop_before, p_now);
        answer := jsonb_build_object(
            'outcome', 'drop_over',
            'drop', internal.drop_facts(drop_before, reward),
            'ended_at', coalesce(drop_before.ended_at, least(drop_before.expires_at, p_now))
        );
    end if;
end
$$;

-- Close a drop that is locked, and give the row as it is then.
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
    p_before record, -- as internal.lock_drop_to_change gave it
    p_after public.discord_drops,
    p_answer jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_facts jsonb := internal.drop_facts(p_after, p_before.reward);
    v_answer jsonb := p_answer || jsonb_build_object('drop', v_facts);
begin
    perform internal.log_action(
        p_caller, p_before.brand_id, p_action,
        internal.drop_facts(p_before.drop_before, p_before.reward), v_facts, p_now, p_details => v_answer
    );

    if not internal.drop_has_message(p_after) then
        return v_answer || jsonb_build_object(
            'message', case when p_after.drop_type = 'button' and p_after.ended_at is null then 'later' else 'shown' end
        );
    -- Leave a message alone that is leased: two edits at once may arrive in the wrong order, and the older one would
    -- stay. A lease lasts two minutes at most; a longer delay is that of an edit that failed.
    elsif p_after.render_after > p_now and p_after.render_after <= p_now + interval '2 minutes' then
        return v_answer || jsonb_build_object('message', 'later');
    end if;
    update public.discord_drops set render_after = p_now + interval '30 seconds' where drop_id = p_after.drop_id;
    return v_answer || jsonb_build_object('message', 'yours');
end
$$;
