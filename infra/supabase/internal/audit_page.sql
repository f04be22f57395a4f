-- The ids of up to nine rows of a server's audit log: the nearest ones below p_before or above p_after, the newest where
-- neither is given. Of a member: what they did, or what was about them. Of a type, if one is named. Among the events are
-- those of the server's brand, which no member changes.
-- Each way to find a row is a walk along an index of its own: it is text because only then each is planned for itself.
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
    v_types constant jsonb :=
        '{"settings": "server", "events": "event", "drops": "drop", "rewards": "reward", "members": "member"}';
    v_order text := 'order by id ' || case when p_after is null then 'desc' else 'asc' end || ' limit 9';
    v_ways text[] := array(
        select concat_ws(
            ' and ',
            format('server_id = %L', p_server.server_id),
            format(person, p_member_id),
            case when p_type is not null then format('split_part(action, ''.'', 1) = %L', v_types ->> p_type) end
        )
        from unnest(
            case when p_member_id is null then array[null] else array['actor_id = %L', 'target_user_id = %L'] end
        ) as person
    );
    v_ids bigint[];
begin
    if p_member_id is null and coalesce(p_type, 'events') = 'events' then
        v_ways := v_ways || format('server_id = ''*'' and brand_id = %L', p_server.brand_id);
    end if;
    execute (
        select format('select array(select id from (%s) as found %s)', string_agg(
            concat_ws(
                ' ', '(select id from public.discord_audit_log where', way, 'and id < ' || p_before,
                'and id > ' || p_after, v_order || ')'
            ),
            ' union '
        ), v_order)
        from unnest(v_ways) as way
    ) into v_ids;
    return v_ids;
end
$$;

-- What people read of a row of the audit log: {entry, at, actor_type, actor_id, action, member_id, brand_wide, is_test,
-- is_readable, details, before, after}.
create function internal.audit_facts(p_row public.discord_audit_log) returns jsonb
language plpgsql stable
as $$
declare
    v_is_readable boolean := internal.is_readable(p_row.details) and internal.is_readable(p_row.before_state)
        and internal.is_readable(p_row.after_state);
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

-- Is a state one that can be read outside? Other programs may have written one that is too long for an answer, too deep,
-- or has a number that no other language holds.
create function internal.is_readable(p_state jsonb) returns boolean
language plpgsql stable
as $$
begin
    return p_state is null or pg_column_size(p_state) <= 20000
        and not jsonb_path_exists(p_state, 'strict $.**{20}')
        and not jsonb_path_exists(p_state, '$.** ? (@ > 1e300 || @ < -1e300)');
end
$$;
