-- Forget the caller's own preview, unless it was posted.
-- Outcomes: preview_cancelled; preview_over: it was posted; not_allowed; server_not_connected.
create function public.cancel_preview(p_caller internal.caller, p_preview_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.preview_refusal(p_caller);
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    delete from public.drop_previews
    where preview_id = p_preview_id and server_id = p_caller.server_id and created_by = p_caller.user_id
        and (drop_id is null or expires_at <= p_now);
    perform from public.drop_previews
    where preview_id = p_preview_id and server_id = p_caller.server_id and created_by = p_caller.user_id;
    return jsonb_build_object('outcome', case when found then 'preview_over' else 'preview_cancelled' end);
end
$$;
