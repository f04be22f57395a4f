-- Give a part of what /export puts into a file, for an admin: up to p_rows rows of a data set after p_after, the `next`
-- of the part before. Types: rewards and audit (the newest first), members, config. A row of the first two that is
-- added meanwhile is in no part.
-- Outcomes: batch {columns, rows [[cell or NULL]], next or NULL at the end, day: the server's today}; nothing_to_export
-- {type}; not_allowed; server_not_connected.
create function public.export_rows(
    p_caller internal.caller,
    p_type text,
    p_after text default null,
    p_rows integer default 5000,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
    v_settings jsonb;
    v_found refcursor;
    v_row record;
    v_rows jsonb[] := '{}';
    v_next text;
    v_bytes bigint := 0;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    v_settings := (v_access.server).config_metadata;
    case p_type
        when 'rewards' then
            open v_found for
            select * from internal.export_rewards(p_caller.server_id, p_after) limit p_rows;
        when 'audit' then
            open v_found for
            select * from internal.export_audit(p_caller.server_id, p_after) limit p_rows;
        when 'members' then
            open v_found for
            select * from internal.export_members(
                p_caller.server_id, p_after, p_rows, internal.oldest_living_day(v_settings, p_now)
            );
        when 'config' then
            open v_found for
            select * from internal.export_config(v_access.server, p_after) limit p_rows;
    end case;
    loop
        fetch v_found into v_row;
        exit when not found;
        v_rows := array_append(v_rows, v_row.cells);
        v_bytes := v_bytes + pg_column_size(v_row.cells);
        -- Bound a part by bytes too: other programs write reasons and settings of any length.
        if cardinality(v_rows) = p_rows or v_bytes > 2000000 then
            v_next := v_row.key;
            exit;
        end if;
    end loop;
    close v_found;
    if v_rows = '{}' and p_after is null then
        return jsonb_build_object('outcome', 'nothing_to_export', 'type', p_type);
    end if;
    return jsonb_build_object(
        'outcome', 'batch',
        'columns', internal.export_columns(p_type),
        'rows', v_rows,
        'next', v_next,
        'day', internal.wall_clock(v_settings, p_now)::date
    );
end
$$;
