-- Give what /help depends on: the caller's permission level (internal.admin_level), and the ids of the slash commands by
-- name, as far as they are known: those of the server's own commands, else of the global ones.
-- Outcomes: help {level, command_ids}.
create function public.get_help(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_command_ids jsonb;
begin
    if to_regclass('public.registered_commands') is not null then -- else migration 022 is missing
        select jsonb_object_agg(name, command_id order by server_id = '*' desc) into v_command_ids
        from public.registered_commands
        where server_id in ('*', p_caller.server_id);
    end if;
    return jsonb_build_object(
        'outcome', 'help',
        'level', internal.admin_level(p_caller, (
            select config_metadata from public.discord_server_configs where server_id = p_caller.server_id
        )),
        'command_ids', coalesce(v_command_ids, '{}')
    );
end
$$;
