-- Give the settings of a server, for an admin.
-- Outcomes: settings {brand_id, server_name, after: internal.settings_facts}; not_allowed; server_not_connected.
create function public.get_settings(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    return coalesce(v_access.refusal, jsonb_build_object(
        'outcome', 'settings',
        'brand_id', (v_access.server).brand_id,
        'server_name', (v_access.server).server_name,
        'after', internal.settings_facts((v_access.server).config_metadata)
    ));
end
$$;
