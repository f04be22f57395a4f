-- Switch rewards off in a channel.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected.
create function public.exclude_channel(
    p_caller internal.caller,
    p_channel_id text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_current record;
    v_channels jsonb;
begin
    v_current := internal.lock_settings_to_change(p_caller, p_now);
    if v_current.answer is not null then
        return v_current.answer;
    end if;
    v_channels := coalesce(v_current.settings -> 'excluded_channels', '[]');
    if not v_channels ? p_channel_id then
        v_channels := v_channels || to_jsonb(p_channel_id);
    end if;
    return internal.change_settings(
        p_caller, v_current.settings, jsonb_build_object('excluded_channels', v_channels), p_now
    );
end
$$;
