-- The first thing a function of a connected server's admin asks: the refusal (not_allowed, server_not_connected), or
-- NULL and the server.
create function internal.open_server(
    p_caller internal.caller,
    out refusal jsonb,
    out server public.discord_server_configs
)
language plpgsql stable
as $$
begin
    refusal := internal.admin_refusal(p_caller);
    if refusal is not null then
        return;
    end if;
    select * into server from public.discord_server_configs
    where server_id = p_caller.server_id and is_active is not false;
    if not found then
        refusal := jsonb_build_object('outcome', 'server_not_connected');
    end if;
end
$$;
