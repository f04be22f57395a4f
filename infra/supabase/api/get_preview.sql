-- Give the terms of the caller's own preview, to be changed.
-- Outcomes: preview {terms}; preview_over: it was posted, or is forgotten; not_allowed; server_not_connected.
create function public.get_preview(p_caller internal.caller, p_preview_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.preview_refusal(p_caller);
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    return coalesce((
        select jsonb_build_object('outcome', 'preview', 'terms', terms)
        from public.drop_previews
        where preview_id = p_preview_id and server_id = p_caller.server_id and created_by = p_caller.user_id
            and expires_at > p_now and drop_id is null
    ), jsonb_build_object('outcome', 'preview_over'));
end
$$;
