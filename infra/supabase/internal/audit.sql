-- The audit log: who writes it, and how admins read it.

-- Tell the triggers that write the audit log who acts in this transaction, and when.
create function internal.set_audit_actor(p_caller internal.caller, p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    perform set_config('resonance.actor', p_caller.user_id, true);
    perform set_config('resonance.interaction', p_caller.interaction_id, true);
    perform set_config('resonance.now', p_now::text, true);
end
$$;

-- Write what an admin did into the audit log where no trigger does: to drops, rewards and members.
create function internal.log_action(
    p_caller internal.caller,
    p_brand_id text,
    p_action text,
    p_before jsonb,
    p_after jsonb,
    p_now timestamptz,
    p_member_id text default null, -- whom it was done to
    p_details jsonb default null
) returns void
language plpgsql volatile
as $$
begin
    insert into public.discord_audit_log
        (server_id, brand_id, actor_type, actor_id, action, target_user_id, details, before_state, after_state,
            interaction_id, created_at)
    values
        (p_caller.server_id, p_brand_id, 'admin', p_caller.user_id, p_action, p_member_id, p_details, p_before, p_after,
            p_caller.interaction_id, p_now);
end
$$;

-- Give what people read of a row of the audit log: {entry, at, actor_type, actor_id, action, member_id, brand_wide,
-- is_test, is_readable, details, before, after}.
create function internal.audit_facts(p_row public.discord_audit_log) returns jsonb
language plpgsql stable
as $$
declare
    v_is_readable boolean := internal.is_readable_state(p_row.details)
        and internal.is_readable_state(p_row.before_state) and internal.is_readable_state(p_row.after_state);
begin
    return jsonb_build_object(
        'entry', p_row.id,
        'at', p_row.created_at,
        'actor_type', p_row.actor_type,
        'actor_id', p_row.actor_id,
        'action', p_row.action,
        'member_id', p_row.target_user_id,
        'brand_wide', p_row.server_id = '*',
        'is_test', p_row.is_test is true,
        'is_readable', v_is_readable,
        'details', case when v_is_readable then p_row.details end,
        'before', case when v_is_readable then p_row.before_state end,
        'after', case when v_is_readable then p_row.after_state end
    );
end
$$;

-- Tell whether a state can be sent to Python. Other programs may have written one that is too long for an answer,
-- nested too deep, or holds a number beyond the range of a double.
create function internal.is_readable_state(p_state jsonb) returns boolean
language plpgsql stable
as $$
begin
    return p_state is null or pg_column_size(p_state) <= 20000
        and not jsonb_path_exists(p_state, 'strict $.**{20}')
        and not jsonb_path_exists(p_state, '$.** ? (@ > 1e300 || @ < -1e300)');
end
$$;

-- Give the ids of up to nine rows of a server's audit log: the nearest below p_before or above p_after, the newest
-- where neither is given. p_member_id limits them to what the member did or what was done to them, p_type to a type.
-- The events include those of the server's brand.
-- The query is text, so that each condition is planned for itself and walks along an index of its own.
create function internal.audit_ids(
    p_server public.discord_server_configs,
    p_member_id text,
    p_type text,
    p_before bigint,
    p_after bigint
) returns bigint[]
language plpgsql stable
as $$
declare
    v_action_nouns constant jsonb :=
        '{"settings": "server", "events": "event", "drops": "drop", "watches": "watch", "rewards": "reward",
            "members": "member"}';
    v_order text := 'order by id ' || case when p_after is null then 'desc' else 'asc' end || ' limit 9';
    v_conditions text[] := array(
        select concat_ws(
            ' and ',
            format('server_id = %L', p_server.server_id),
            format(member_condition, p_member_id),
            case when p_type is not null
                then format('split_part(action, ''.'', 1) = %L', v_action_nouns ->> p_type) end
        )
        from unnest(
            case when p_member_id is null then array[null] else array['actor_id = %L', 'target_user_id = %L'] end
        ) as member_condition
    );
    v_ids bigint[];
begin
    if p_member_id is null and coalesce(p_type, 'events') = 'events' then
        v_conditions := v_conditions || format('server_id = ''*'' and brand_id = %L', p_server.brand_id);
    end if;
    execute (
        select format('select array(select id from (%s) as found %s)', string_agg(
            concat_ws(
                ' ', '(select id from public.discord_audit_log where', condition, 'and id < ' || p_before,
                'and id > ' || p_after, v_order || ')'
            ),
            ' union '
        ), v_order)
        from unnest(v_conditions) as condition
    ) into v_ids;
    return v_ids;
end
$$;
