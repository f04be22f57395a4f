-- Forget the caller's own preview, unless it was posted.
-- Outcomes: preview_cancelled; preview_over: it was posted.
create function public.cancel_preview(p_caller internal.caller, p_preview_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
begin
    if internal.migration_refusal('024') is not null then
        return internal.migration_refusal('024');
    end if;
    delete from public.drop_previews
    where preview_id = p_preview_id and server_id = p_caller.server_id and created_by = p_caller.user_id
        and drop_id is null;
    perform from public.drop_previews where preview_id = p_preview_id and created_by = p_caller.user_id;
    return jsonb_build_object('outcome', case when found then 'preview_over' else 'preview_cancelled' end);
end
$$;
