-- The drop that an admin of its server is about to change, under its lock; or the answer that is due instead: a refusal
-- (those of open_server, drop_unknown, drop_over {drop, ended_at}), or what this interaction was told when it was
-- delivered before. Lock a drop after everything else: all who claim it wait.
create function internal.drop_to_change(
    p_caller internal.caller,
    p_drop_id uuid,
    p_action text,
    p_now timestamptz,
    out answer jsonb,
    out target public.discord_drops,
    out brand_id text,
    out reward numeric -- what its event pays
)
language plpgsql volatile
as $$
declare
    v_open record;
    v_told jsonb;
begin
    select * into v_open from internal.open_server(p_caller);
    answer := v_open.refusal;
    if answer is not null then
        return;
    end if;
    brand_id := (v_open.server).brand_id;
    select rule.reward_amount into reward
    from public.discord_drops as d
    cross join internal.rule((v_open.server).brand_id, p_caller.server_id, d.event_id) as rule
    where d.drop_id = p_drop_id;

    select * into target from public.discord_drops
    where drop_id = p_drop_id and server_id = p_caller.server_id
    for update;
    if not found then
        answer := jsonb_build_object('outcome', 'drop_unknown');
        return;
    end if;

    select details into v_told from public.discord_audit_log
    where interaction_id = p_caller.interaction_id and action = p_action;
    if found then -- delivered once more; a later change of the drop is not to be undone, in the message neither
        answer := v_told || jsonb_build_object('message', case
            when target.end_reason = 'message_deleted' then 'gone'
            when target.is_settled or target.rendered_revision >= (v_told #>> '{drop,revision}')::integer then 'shown'
            else 'later'
        end);
    elsif internal.drop_end(target, p_now) is not null then
        target.end_reason := internal.drop_end(target, p_now);
        answer := jsonb_build_object(
            'outcome', 'drop_over',
            'drop', internal.drop_facts(target, reward),
            'ended_at', coalesce(target.ended_at, least(target.expires_at, p_now))
        );
    end if;
end
$$;

-- Why a drop is over, also where the schedule has yet to write it down; NULL if it is open.
create function internal.drop_end(p_drop public.discord_drops, p_now timestamptz) returns text
language sql immutable
as $$
    select case
        when p_drop.end_reason is not null then p_drop.end_reason
        when p_drop.expires_at <= p_now then 'expired'
        when p_drop.max_claims >= 0 and p_drop.claims_count >= p_drop.max_claims then 'sold_out'
    end
$$;

-- Has a drop a message of ours, which has to show how it stands?
create function internal.has_message(p_drop public.discord_drops) returns boolean
language sql immutable
as $$
    select p_drop.message_id is not null and p_drop.channel_id is not null
        and p_drop.drop_type is distinct from 'reaction'
$$;

-- What a drop has paid: {claims, amount}. Ask with the drop's row locked: no claim is under way then.
create function internal.drop_paid(p_drop_id uuid) returns jsonb
language plpgsql volatile -- for a snapshot of its own, taken after the lock
as $$
begin
    return (
        select jsonb_build_object('claims', count(*), 'amount', coalesce(sum(reward_amount), 0))
        from public.discord_drop_claims where drop_id = p_drop_id
    );
end
$$;

-- Closes a drop under its lock, for a reason; gives the row as it is then.
create function internal.close_drop(p_drop public.discord_drops, p_end_reason text, p_now timestamptz)
returns public.discord_drops
language plpgsql volatile
as $$
declare
    v_closed public.discord_drops;
begin
    update public.discord_drops
    set ended_at = p_now, end_reason = p_end_reason, is_settled = not internal.has_message(p_drop)
    where drop_id = p_drop.drop_id
    returning * into v_closed;
    return v_closed;
end
$$;

-- Writes an admin's change of a drop down, and gives the answer: p_answer with the drop, and `message`: 'yours' (edit it
-- now), 'later' (whoever is at it, or else the schedule, will) or 'shown' (there is none to edit). Told once more, it is
-- what has become of it: 'later', 'shown' or 'gone'.
create function internal.drop_changed(
    p_caller internal.caller,
    p_action text,
    p_was record, -- as internal.drop_to_change gave it
    p_is public.discord_drops,
    p_answer jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_facts jsonb := internal.drop_facts(p_is, p_was.reward);
    v_answer jsonb := p_answer || jsonb_build_object('drop', v_facts);
begin
    insert into public.discord_audit_log
        (server_id, brand_id, actor_type, actor_id, action, details, before_state, after_state, interaction_id, created_at)
    values
        (p_caller.server_id, p_was.brand_id, 'admin', p_caller.user_id, p_action, v_answer,
            internal.drop_facts(p_was.target, p_was.reward), v_facts, p_caller.interaction_id, p_now);

    if not internal.has_message(p_is) then
        return v_answer || jsonb_build_object(
            'message', case when p_is.drop_type = 'button' and p_is.ended_at is null then 'later' else 'shown' end
        );
    -- Who edits a message has it leased, for two minutes at most; what is put off for longer had failed. Two edits at the
    -- same time may arrive in the wrong order, and the older one would stay.
    elsif p_is.render_after > p_now and p_is.render_after <= p_now + interval '2 minutes' then
        return v_answer || jsonb_build_object('message', 'later');
    end if;
    update public.discord_drops set render_after = p_now + interval '30 seconds' where drop_id = p_is.drop_id;
    return v_answer || jsonb_build_object('message', 'yours');
end
$$;
