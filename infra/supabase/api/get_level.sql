-- Give the caller's permission level.
-- Outcomes: level {level: 0 member, 1 viewer, 2 perk manager, 3 event manager, 4 full admin}.
create function public.get_level(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language sql stable set search_path = ''
as $$
    select pg_catalog.jsonb_build_object('outcome', 'level', 'level', internal.admin_level(p_caller, (
        select config_metadata from public.discord_server_configs where server_id = p_caller.server_id
    )))
$$;
