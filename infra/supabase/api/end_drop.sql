-- End an open drop before its time.
-- Outcomes: drop_closed {drop, paid: {claims, amount}, message: see internal.record_drop_change}; not_allowed;
-- server_not_connected; drop_unknown; drop_over {drop, ended_at}.
create function public.end_drop(p_caller internal.caller, p_drop_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_change record;
begin
    select * into v_change from internal.lock_drop_to_change(p_caller, p_drop_id, p_now);
    if v_change.answer is not null then
        return v_change.answer;
    end if;
    return internal.record_drop_change(
        p_caller, 'drop.ended', v_change, internal.close_drop(v_change.drop_before, 'ended', p_now),
        jsonb_build_object('outcome', 'drop_closed', 'paid', internal.drop_paid(p_drop_id)),
        p_now
    );
end
$$;
