-- How the events of a server stand: between the bot, which changes them by commands, and the portal, which writes them.

-- Give the last change of an event of a server or of all the brand's as internal.audit_facts: by a command
-- (p_by_command), else by the portal or whoever else writes the table. NULL if there was none.
create function internal.last_event_change(p_server public.discord_server_configs, p_by_command boolean) returns jsonb
language plpgsql stable
as $$
declare
    v_last public.discord_audit_log;
begin
    select changed.* into v_last
    from (
        (
            select * from public.discord_audit_log
            where server_id = p_server.server_id and split_part(action, '.', 1) = 'event'
                and (actor_type is not distinct from 'admin') = p_by_command
            order by id desc limit 1
        )
        union all
        (
            select * from public.discord_audit_log
            where server_id = '*' and brand_id = p_server.brand_id and split_part(action, '.', 1) = 'event'
                and (actor_type is not distinct from 'admin') = p_by_command
            order by id desc limit 1
        )
    ) as changed
    order by id desc limit 1;
    return case when v_last.id is not null then internal.audit_facts(v_last) end;
end
$$;

-- Give the events of a server that do not pay, or not by themselves, as their rules say: [{event, brand_wide, problem}],
-- the first problem of each: superseded (by the server's own event of that name), off, limit_of_zero, amount_missing,
-- amount_of_zero, detection_unknown (no trigger that there is; drops and commands pay it all the same).
create function internal.event_problems(p_server public.discord_server_configs) returns jsonb
language sql stable
as $$
    select coalesce(pg_catalog.jsonb_agg(
        pg_catalog.jsonb_build_object('event', r.event_type, 'brand_wide', r.server_id is null, 'problem', found.problem)
        order by r.event_type, r.server_id nulls last
    ), '[]')
    from public.monitoring_rules as r
    cross join lateral (
        select case
            when r.id not in (select id from internal.rules_of(p_server)) then 'superseded'
            when r.is_enabled is false then 'off'
            when 0 in (r.max_claims_per_user, r.max_total_claims) then 'limit_of_zero'
            when r.reward_amount is null then 'amount_missing'
            when r.reward_amount = 0 then 'amount_of_zero'
            when r.detection_config <> 'null' and coalesce(
                r.detection_config ->> 'trigger' not in ('message', 'keyword', 'reactions', 'voice', 'join', 'boost'), true
            ) then 'detection_unknown'
        end as problem
    ) as found
    where r.brand_id = p_server.brand_id and (r.server_id = p_server.server_id or r.server_id is null)
        and found.problem is not null
$$;
