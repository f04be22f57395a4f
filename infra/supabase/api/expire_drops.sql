-- Closes the drops that are due, and hands out the drops whose messages are behind. The money decision is final here;
-- the messages follow. Two runs at once share the work: rows that the other holds are skipped, and what is handed out
-- is leased for two minutes, so a run that dies costs a late edit.
-- Gives {expired: how many it closed, drops: [internal.post_facts], now}; call it until both are empty. While whole
-- batches are due it hands out nothing. A run that gives the `now` of its first call to the later ones gets no drop
-- twice: what it has shown meanwhile is marked later.
create function public.expire_drops(
    p_batch integer default 5000,
    p_render integer default 500,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_expired integer;
    v_drops jsonb;
begin
    update public.discord_drops
    set ended_at = expires_at,
        end_reason = 'expired',
        is_settled = message_id is null or channel_id is null or drop_type = 'reaction' -- no message of ours to edit
    where drop_id = any (array( -- an array, so that the planner walks the index however large it thinks the batch is
        select drop_id from public.discord_drops
        where ended_at is null and expires_at <= p_now
        order by expires_at
        limit p_batch
        for update skip locked
    ));
    get diagnostics v_expired = row_count;

    -- A drop that was never posted is posted again for four minutes only: Discord takes a repeated nonce for the same
    -- message for about five (https://discord.com/developers/docs/resources/message#create-message), and of those the
    -- run that posts it may need one.
    update public.discord_drops
    set ended_at = p_now, end_reason = 'not_posted', is_settled = true
    where not is_settled and message_id is null and drop_type = 'button' and channel_id is not null
        and ended_at is null and render_after <= p_now and created_at < p_now - interval '4 minutes';

    with stale as (
        select drop_id, urgency, row_number() over (
            partition by channel_id collate "C" order by urgency, ended_at, render_after
        ) as place
        from public.discord_drops
        cross join lateral (
            -- A post cannot wait for long; then the final state comes first.
            select case when message_id is null then 1 when ended_at is not null then 2 else 3 end as urgency
        ) as u
        where not is_settled and render_after <= p_now and rendered_revision < revision
            and drop_type is distinct from 'reaction' and channel_id is not null
    ), taken as (
        select d.drop_id
        from (
            select drop_id from stale order by urgency, place -- one of each channel, then the second of each, ...
        ) as s
        cross join lateral (
            select drop_id from public.discord_drops
            where drop_id = s.drop_id
                -- once more for the row as it is now: another run may have taken or shown it since
                and not is_settled and render_after <= p_now and rendered_revision < revision
            for update skip locked
        ) as d
        limit case when v_expired < p_batch then p_render else 0 end -- more may be due, and is closed first
    ), leased as (
        update public.discord_drops as d
        set render_after = p_now + interval '2 minutes'
        from taken
        where d.drop_id = taken.drop_id
        returning d.*
    )
    select coalesce(
        jsonb_agg(
            internal.post_facts(leased, rule.reward_amount)
            order by leased.message_id is not null, leased.ended_at, leased.drop_id
        ),
        '[]'
    ) into v_drops
    from leased
    left join public.discord_server_configs as server on server.server_id = leased.server_id
    left join lateral internal.rule(server.brand_id, server.server_id, leased.event_id) as rule on true;

    return jsonb_build_object('expired', v_expired, 'drops', v_drops, 'now', p_now);
end
$$;
