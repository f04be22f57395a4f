-- List the server's open drops whose words contain p_search, those that end first first: a hundred at most, and how
-- many there are.
-- Outcomes: drops {drops: [internal.drop_facts, seconds_left or null], total}; not_allowed; server_not_connected.
create function public.list_drops(p_caller internal.caller, p_search text default '', p_now timestamptz default now())
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    return (
        with found as (
            select d as drop, d.expires_at, d.created_at, d.drop_id, d.event_id, count(*) over () as total
            from public.discord_drops as d
            where d.server_id = p_caller.server_id and d.ended_at is null and internal.drop_end_reason(d, p_now) is null
                and position(lower(p_search) in lower(concat_ws(' ', d.title, d.event_id, d.label, d.description))) > 0
            order by d.expires_at nulls last, d.created_at, d.drop_id
            limit 100
        )
        select jsonb_build_object(
            'outcome', 'drops',
            'total', coalesce(max(total), 0),
            'drops', coalesce(jsonb_agg(
                internal.drop_facts(found.drop, rule.reward_amount) || jsonb_build_object(
                    'seconds_left', case
                        when isfinite(expires_at) then least(extract(epoch from expires_at - p_now), 1e10)::bigint
                    end
                )
                order by expires_at nulls last, created_at, drop_id
            ), '[]')
        )
        from found
        left join lateral internal.rule((v_access.server).brand_id, p_caller.server_id, found.event_id) as rule on true
    );
end
$$;
