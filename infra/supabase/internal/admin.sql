-- What an admin may do: permission levels, and the refusals of those who lack them.

-- Give the caller's permission level: 4 full admin, 3 event manager, 2 perk manager, 1 viewer, 0 none.
create function internal.admin_level(p_caller internal.caller, p_settings jsonb) returns integer
language plpgsql immutable
as $$
begin
    if p_caller.manages_server then
        return 4;
    end if;
    return coalesce((
        select max(value::numeric)::integer from jsonb_each_text(coalesce(p_settings -> 'admin_roles', '{}'))
        where key = any (p_caller.role_ids)
    ), 0);
end
$$;

-- Refuse a caller below the level that the command declares, on a connected server or not: not_allowed
-- {required_level}, else NULL. A command that declares no level is refused.
create function internal.admin_refusal(p_caller internal.caller) returns jsonb
language plpgsql stable
as $$
declare
    v_settings jsonb;
begin
    select config_metadata into v_settings from public.discord_server_configs where server_id = p_caller.server_id;
    if internal.admin_level(p_caller, v_settings) >= p_caller.required_level then
        return null;
    end if;
    return jsonb_build_object('outcome', 'not_allowed', 'required_level', p_caller.required_level);
end
$$;

-- Give the caller's connected server to an admin, or the refusal: not_allowed, server_not_connected.
create function internal.authorize_admin(
    p_caller internal.caller,
    out refusal jsonb,
    out server public.discord_server_configs
)
language plpgsql stable
as $$
declare
    v_access record;
begin
    v_access := internal.connected_server(p_caller);
    server := v_access.server;
    refusal := coalesce(internal.admin_refusal(p_caller), v_access.refusal);
end
$$;

-- Begin an admin's change: give the caller's connected server, or the answer to return instead: that of this
-- interaction's first delivery, or a refusal of internal.authorize_admin. Return every later answer through
-- internal.keep_answer. Lock the server's row, so that changes of one server follow each other and each sees what the
-- earlier ones did. Payments do not take this lock; a batch of events shares it (internal.take_turn).
create function internal.authorize_change(
    p_caller internal.caller,
    p_now timestamptz,
    out answer jsonb,
    out server public.discord_server_configs
)
language plpgsql volatile
as $$
declare
    v_access record;
begin
    answer := internal.take_interaction(p_caller, p_now);
    if answer is not null then
        return;
    end if;
    perform from public.discord_server_configs where server_id = p_caller.server_id for no key update;
    v_access := internal.authorize_admin(p_caller);
    answer := internal.keep_answer(p_caller, v_access.refusal);
    server := v_access.server;
    perform internal.set_audit_actor(p_caller, p_now);
end
$$;
