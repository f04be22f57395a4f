-- List the time zones whose name contains p_search, for suggestions: 25 at most, first those that begin with it, then
-- those whose place does.
-- Outcomes: time_zones {zones [{zone, offset: minutes ahead of UTC}]}; not_allowed; server_not_connected.
create function public.list_time_zones(
    p_caller internal.caller,
    p_search text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
    v_sought text := lower(replace(trim(p_search), ' ', '_'));
begin
    select * into v_access from internal.authorize_admin(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    return jsonb_build_object('outcome', 'time_zones', 'zones', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'zone', found.zone,
            'offset', (extract(epoch from (p_now at time zone found.zone) - (p_now at time zone 'UTC')) / 60)::integer
        ) order by found.place), '[]')
        from (
            select zone, row_number() over (
                order by not starts_with(lower(zone), v_sought), not position('/' || v_sought in lower(zone)) > 0, zone
            ) as place
            from internal.time_zones() as zone
            where position(v_sought in lower(zone)) > 0
            order by place
            limit 25
        ) as found
    ));
end
$$;
