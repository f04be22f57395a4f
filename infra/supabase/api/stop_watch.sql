-- Stop a watch: it makes no more drops, and those that are there live on.
-- Outcomes: watch_stopped {watch, paid: as internal.paid_by_watches, NULL for nothing}; not_allowed;
-- server_not_connected; watch_unknown; watch_over {watch}: it was stopped before; migration_missing {migration}.
create function public.stop_watch(p_caller internal.caller, p_watch_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_watch record;
    v_before jsonb;
    v_answer jsonb;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    v_answer := internal.migration_refusal('020');
    if v_answer is not null then
        return internal.keep_answer(p_caller, v_answer);
    end if;

    select * into v_watch from public.channel_watches
    where watch_id = p_watch_id and server_id = p_caller.server_id
    for no key update;
    if not found then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'watch_unknown'));
    end if;
    v_before := internal.watch_facts(p_watch_id);
    if v_watch.stopped_at is not null then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'watch_over', 'watch', v_before));
    end if;
    update public.channel_watches set stopped_at = p_now where watch_id = p_watch_id;
    v_answer := jsonb_build_object(
        'outcome', 'watch_stopped',
        'watch', internal.watch_facts(p_watch_id),
        'paid', (select paid from internal.paid_by_watches(array[p_watch_id]))
    );
    perform internal.log_action(
        p_caller, (v_access.server).brand_id, 'watch.stopped', v_before, v_answer -> 'watch', p_now,
        p_details => v_answer
    );
    return internal.keep_answer(p_caller, v_answer);
end
$$;
