-- The caller's server, or the refusal server_not_connected: the first thing that most functions ask.
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

-- The first thing a function of a connected server's admin asks: the refusal (not_allowed, server_not_connected), or
-- NULL and the server.
create function internal.open_server(
    p_caller internal.caller,
    out refusal jsonb,
    out server public.discord_server_configs
)
language plpgsql stable
as $$
declare
    v_open record;
begin
    v_open := internal.connected_server(p_caller);
    server := v_open.server;
    refusal := coalesce(internal.admin_refusal(p_caller), v_open.refusal);
end
$$;

-- The same for a function that changes what hangs on the server, in a row that may not be there to be locked: such
-- changes wait for each other at the server's row, so that internal.has_done sees what a twin did. Payments do not wait.
create function internal.open_server_to_change(
    p_caller internal.caller,
    p_now timestamptz,
    out refusal jsonb,
    out server public.discord_server_configs
)
language plpgsql volatile
as $$
declare
    v_open record;
begin
    perform from public.discord_server_configs where server_id = p_caller.server_id for no key update;
    v_open := internal.open_server(p_caller);
    server := v_open.server;
    refusal := v_open.refusal;
    perform internal.act_as(p_caller, p_now);
end
$$;
