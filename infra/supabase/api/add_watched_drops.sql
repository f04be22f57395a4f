-- Make reaction drops of a watch's new messages, [{message_id, channel_id}], to which the bot has reacted, and remember
-- up to where the channel was looked at. A message becomes a drop once, however often this is called.
-- Outcomes: drops_added {added}; watch_stopped, server_not_connected, event_not_found {event}: none were added.
create function public.add_watched_drops(
    p_watch_id uuid,
    p_messages jsonb,
    p_last_message_id text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_server public.discord_server_configs;
    v_watch record;
    v_rule public.monitoring_rules;
    v_added integer;
begin
    -- The server before the watch, as whoever disconnects it does.
    select s.* into v_server from public.discord_server_configs as s
    join public.channel_watches as w using (server_id)
    where w.watch_id = p_watch_id
    for share of s;
    select * into v_watch from public.channel_watches where watch_id = p_watch_id for no key update;
    if not found or v_watch.stopped_at is not null then
        return jsonb_build_object('outcome', 'watch_stopped');
    elsif v_server.server_id is null or v_server.is_active is false then
        return jsonb_build_object('outcome', 'server_not_connected');
    end if;
    update public.channel_watches set last_message_id = p_last_message_id
    where watch_id = p_watch_id and last_message_id::numeric < p_last_message_id::numeric;

    select * into v_rule from internal.rule(v_server.brand_id, v_server.server_id, v_watch.event_id);
    if not found then
        return jsonb_build_object('outcome', 'event_not_found', 'event', v_watch.event_id);
    end if;
    if v_watch.paused_at is not null and p_messages <> '[]' then
        update public.channel_watches set paused_at = null, pause_reason = null where watch_id = p_watch_id;
    end if;
    v_added := internal.add_drops_of_watch(v_watch, v_rule, p_messages, p_now);
    return jsonb_build_object('outcome', 'drops_added', 'added', v_added);
end
$$;
