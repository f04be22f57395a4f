-- Close the drops that are due, and lease the channels whose turn it is to be looked at for reactions. Two runs at once
-- share the work; a lease lasts 70 seconds, so a run that dies costs a late look.
-- Gives {channels: [internal.channel_facts], now}; call it until channels is []. Pass the `now` of a run's first call to
-- its later ones, so that no channel comes twice. A database without migration 020 has nothing to look at.
create function public.lease_looks(p_limit integer default 500, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_channels jsonb;
begin
    if internal.collects_reactions() then
        perform internal.close_expired_drops(5000, p_now);
        perform internal.forget_reactions(p_now);
        select jsonb_agg(internal.channel_facts(channel_id, p_now) order by turn) into v_channels
        from unnest(internal.lease_channels(p_limit, p_now)) with ordinality as leased (channel_id, turn);
    end if;
    return jsonb_build_object('channels', coalesce(v_channels, '[]'), 'now', p_now);
end
$$;
