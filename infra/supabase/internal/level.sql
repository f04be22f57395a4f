-- The caller's permission level: 4 full admin, 3 event manager, 2 perk manager, 1 viewer, 0 none.
create function internal.level(p_caller internal.caller, p_settings jsonb) returns integer
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

-- The first thing an admin's function asks: the refusal, or NULL if the caller has the level that the command declares.
create function internal.admin_refusal(p_caller internal.caller) returns jsonb
language plpgsql stable
as $$
declare
    v_settings jsonb;
begin
    select config_metadata into v_settings from public.discord_server_configs where server_id = p_caller.server_id;
    if internal.level(p_caller, v_settings) >= p_caller.required_level then
        return null;
    end if; -- a command that declares no level is refused, not let through
    return jsonb_build_object('outcome', 'not_allowed', 'required_level', p_caller.required_level);
end
$$;
