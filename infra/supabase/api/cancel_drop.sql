-- Cancels an open drop: it closes without a result. What it has paid stays paid.
-- Outcomes: drop_cancelled {drop, paid: {claims, amount}, message: see internal.drop_changed}; not_allowed;
-- server_not_connected; drop_unknown; drop_over {drop, ended_at}.
create function public.cancel_drop(p_caller internal.caller, p_drop_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_was record;
begin
    select * into v_was from internal.drop_to_change(p_caller, p_drop_id, 'drop.cancelled', p_now);
    if v_was.answer is not null then
        return v_was.answer;
    end if;
    return internal.drop_changed(
        p_caller, 'drop.cancelled', v_was, internal.close_drop(v_was.target, 'cancelled', p_now),
        jsonb_build_object('outcome', 'drop_cancelled', 'paid', internal.drop_paid(p_drop_id)),
        p_now
    );
end
$$;
