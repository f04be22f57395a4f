-- Ends an open drop before its time.
-- Outcomes: drop_closed {drop, paid: {claims, amount}, message: see internal.drop_changed}; not_allowed;
-- server_not_connected; drop_unknown; drop_over {drop, ended_at}.
create function public.end_drop(p_caller internal.caller, p_drop_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_was record;
begin
    select * into v_was from internal.drop_to_change(p_caller, p_drop_id, 'drop.ended', p_now);
    if v_was.answer is not null then
        return v_was.answer;
    end if;
    return internal.drop_changed(
        p_caller, 'drop.ended', v_was, internal.close_drop(v_was.target, 'ended', p_now),
        jsonb_build_object('outcome', 'drop_closed', 'paid', internal.drop_paid(p_drop_id)),
        p_now
    );
end
$$;
