-- The server that a function acts on.

-- Give the caller's server, connected or not, or the refusal server_not_connected where it never was.
create function internal.known_server(
    p_caller internal.caller,
    out refusal jsonb,
    out server public.discord_server_configs
)
language plpgsql stable
as $$
begin
    select * into server from public.discord_server_configs where server_id = p_caller.server_id;
    if not found then
        refusal := jsonb_build_object('outcome', 'server_not_connected');
    end if;
end
$$;

-- Give the caller's server, or the refusal server_not_connected.
create function internal.connected_server(
    p_caller internal.caller,
    out refusal jsonb,
    out server public.discord_server_configs
)
language plpgsql stable
as $$
begin
    select * into server from public.discord_server_configs
    where server_id = p_caller.server_id and is_active is not false;
    if not found then
        refusal := jsonb_build_object('outcome', 'server_not_connected');
    end if;
end
$$;
