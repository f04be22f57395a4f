-- Store what a run has seen. Each list is of objects:
-- p_looked {channel_id, is_quiet}: the channel was looked at, and whether nothing had happened there; a watch that was
-- paused goes on; p_refused {channel_id, problem}: Discord refuses us there, so pause its watch and look again later,
-- each time after a longer delay; let go of what is over after the tenth; p_paused {channel_id, problem}: only the watch
-- is refused; p_left {channel_id, is_begun}: end the lease, and if the look had begun, let others go before it;
-- p_seen {drop_id, look, started_at, normal_count, super_count}: nobody had reacted; p_gone {drop_id}: the message is
-- gone, so close the drop; p_collected {drop_id}: it is over, and the bot's own reaction is removed.
-- Gives {gone, let_go}: how many drops.
create function public.mark_looks(
    p_looked jsonb default '[]',
    p_refused jsonb default '[]',
    p_paused jsonb default '[]',
    p_left jsonb default '[]',
    p_seen jsonb default '[]',
    p_gone jsonb default '[]',
    p_collected jsonb default '[]',
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_over uuid[];
    v_gone integer;
    v_let_go uuid[];
begin
    v_let_go := array(
        select d.drop_id
        from jsonb_to_recordset(p_refused) as r (channel_id text)
        join public.reaction_channels as c using (channel_id)
        join public.discord_drops as d using (channel_id)
        where c.refusals >= 9 and d.drop_type = 'reaction' and not d.is_collected and d.ended_at is not null
    );
    -- Lock in one order: drops, channels, watches (public.lease_looks and public.add_watched_drops skip or come after).
    v_over := array(
        select drop_id from public.discord_drops
        where drop_id = any (v_let_go)
            or drop_id in (select (item ->> 'drop_id')::uuid from jsonb_array_elements(p_gone || p_collected) as item)
        order by drop_id
        for no key update
    );
    v_gone := internal.close_gone_drops(p_gone, p_now);
    perform internal.mark_collected(v_over);
    perform internal.mark_seen(p_seen, p_now);

    perform from public.reaction_channels
    where channel_id in (
        select item ->> 'channel_id' from jsonb_array_elements(p_looked || p_refused || p_left) as item
    )
    order by channel_id
    for update;
    update public.reaction_channels as c
    set leased_until = p_now,
        refusals = 0,
        quiet_looks = case when l.is_quiet then c.quiet_looks + 1 else 0 end,
        next_look_at = p_now + internal.look_delay(case when l.is_quiet then c.quiet_looks + 1 else 0 end)
    from jsonb_to_recordset(p_looked) as l (channel_id text, is_quiet boolean)
    where c.channel_id = l.channel_id;
    update public.reaction_channels as c
    set leased_until = p_now, refusals = c.refusals + 1, next_look_at = p_now + internal.render_delay(c.refusals)
    from jsonb_to_recordset(p_refused) as r (channel_id text)
    where c.channel_id = r.channel_id;
    update public.reaction_channels as c
    set leased_until = p_now, next_look_at = case when l.is_begun then p_now else c.next_look_at end
    from jsonb_to_recordset(p_left) as l (channel_id text, is_begun boolean)
    where c.channel_id = l.channel_id;

    perform internal.pause_watches(p_refused || p_paused, p_now);
    perform internal.resume_watches(p_looked);
    return jsonb_build_object('gone', v_gone, 'let_go', cardinality(v_let_go));
end
$$;
