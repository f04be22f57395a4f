-- Switches rewards on again in a channel.
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; channel_not_excluded {channel_id}.
create function public.include_channel(
    p_caller internal.caller,
    p_channel_id text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_open record;
begin
    v_open := internal.settings_to_change(p_caller, p_now);
    if v_open.answer is not null then
        return v_open.answer;
    elsif not coalesce(v_open.settings -> 'excluded_channels' ? p_channel_id, false) then
        return jsonb_build_object('outcome', 'channel_not_excluded', 'channel_id', p_channel_id);
    end if;
    return internal.change_settings(
        p_caller,
        v_open.settings,
        jsonb_build_object('excluded_channels', (v_open.settings -> 'excluded_channels') - p_channel_id),
        p_now
    );
end
$$;
