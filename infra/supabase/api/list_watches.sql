-- List the server's watches that are not stopped, the oldest first: a hundred at most, and how many there are.
-- Outcomes: watches {watches: [internal.watch_facts, paid (internal.paid_by_watches; NULL: no drop yet, or not asked
-- for), problem (internal.watch_problem)], total}; not_allowed; server_not_connected; migration_missing {migration}.
create function public.list_watches(
    p_caller internal.caller,
    p_with_paid boolean default true, -- adding it up takes longest
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
    v_access record;
    v_refusal jsonb;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    v_refusal := coalesce(v_access.refusal, internal.migration_refusal('020'));
    if v_refusal is not null then
        return v_refusal;
    end if;
    return (
        with found as (
            select *, count(*) over () as total from public.channel_watches
            where server_id = p_caller.server_id and stopped_at is null
            order by created_at, watch_id
            limit 100
        )
        select jsonb_build_object(
            'outcome', 'watches',
            'total', coalesce(max(total), 0),
            'watches', coalesce(jsonb_agg(
                internal.watch_facts(found.watch_id) || jsonb_build_object(
                    'paid', made.paid,
                    'problem', internal.watch_problem(v_access.server, channel_id, event_id, p_now)
                )
                order by created_at, found.watch_id
            ), '[]')
        )
        from found
        left join internal.paid_by_watches(
            case when p_with_paid then array(select f.watch_id from found as f) end
        ) as made on made.watch_id = found.watch_id
    );
end
$$;
