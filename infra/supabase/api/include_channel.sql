-- Switch rewards on again in a channel.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; channel_not_excluded {channel_id}.
create function public.include_channel(
    p_caller internal.caller,
    p_channel_id text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
begin
    return internal.remove_setting(
        p_caller,
        'excluded_channels',
        p_channel_id,
        jsonb_build_object('outcome', 'channel_not_excluded', 'channel_id', p_channel_id),
        p_now
    );
end
$$;
