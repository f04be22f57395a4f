-- Store what Discord shows. Each list is of objects with a drop_id:
-- p_rendered {drop_id, revision, message_id, is_lost}: see internal.mark_rendered;
-- p_gone {drop_id}: the message or its channel is gone, so close the drop;
-- p_failed {drop_id}: try again later, with each failure in a row after a longer delay;
-- p_left {drop_id}: leased and not tried, so end the lease;
-- p_refused {drop_id, retry_after}: Discord does not allow it, which is no failure: try again as after one, but not before
-- that many seconds; one that is over only a few times.
-- Gives {rendered, gone, failed}: how many rows of each; with p_refused also {refused, let_go}: those, and how many of
-- them are not tried any more. (The release before this one reads no other names.)
create function public.mark_drops_rendered(
    p_rendered jsonb default '[]',
    p_gone jsonb default '[]',
    p_failed jsonb default '[]',
    p_left jsonb default '[]',
    p_refused jsonb default '[]',
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_rendered integer;
    v_gone integer;
    v_failed integer;
    v_refused integer;
    v_let_go integer;
begin
    -- Lock in one order, so that two marks at once cannot deadlock.
    perform from public.discord_drops
    where drop_id in (
        select (item ->> 'drop_id')::uuid
        from jsonb_array_elements(p_rendered || p_gone || p_failed || p_left || p_refused) as item
    )
    order by drop_id
    for no key update;

    v_rendered := internal.mark_rendered(p_rendered, p_now);
    v_gone := internal.close_gone_drops(p_gone, p_now);

    update public.discord_drops as d
    set render_attempts = d.render_attempts + 1,
        -- After 20 failures, some days, give up the message of a drop that is over.
        is_settled = d.is_settled or d.ended_at is not null and d.render_attempts >= 20,
        render_after = p_now + internal.render_delay(d.render_attempts)
    from jsonb_to_recordset(p_failed) as f (drop_id uuid)
    where d.drop_id = f.drop_id;
    get diagnostics v_failed = row_count;

    with refused as (
        update public.discord_drops as d
        set render_attempts = d.render_attempts + 1,
            is_settled = d.is_settled or d.ended_at is not null and d.render_attempts >= 4, -- this is the fifth time
            render_after = p_now + greatest(
                internal.render_delay(d.render_attempts), make_interval(secs => coalesce(r.retry_after, 0))
            )
        from jsonb_to_recordset(p_refused) as r (drop_id uuid, retry_after double precision)
        where d.drop_id = r.drop_id
        returning d.is_settled
    )
    select count(*), count(*) filter (where is_settled) into v_refused, v_let_go from refused;

    update public.discord_drops as d
    set render_after = least(d.render_after, p_now)
    from jsonb_to_recordset(p_left) as l (drop_id uuid)
    where d.drop_id = l.drop_id;

    return jsonb_build_object('rendered', v_rendered, 'gone', v_gone, 'failed', v_failed)
        || case when p_refused <> '[]' then jsonb_build_object('refused', v_refused, 'let_go', v_let_go) else '{}' end;
end
$$;
