-- Change some terms of the caller's own preview, and give it as it is then; NULL leaves a term out.
-- Outcomes: drop_previewed {preview_id, drop}; preview_over: it was posted, or is forgotten; those of
-- public.preview_drop.
create function public.change_preview(
    p_caller internal.caller,
    p_preview_id uuid,
    p_terms jsonb,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_preview record;
    v_terms jsonb;
    v_answer jsonb;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    v_answer := coalesce(v_access.answer, internal.migration_refusal('024'));
    if v_answer is not null then
        return v_answer;
    end if;
    v_preview := internal.lock_preview(p_caller, p_preview_id, p_now);
    if v_preview.terms is null or v_preview.drop_id is not null then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'preview_over'));
    end if;
    v_terms := v_preview.terms || p_terms;
    v_answer := internal.preview_answer(p_caller, v_access.server, p_preview_id, v_terms, p_now);
    if v_answer ->> 'outcome' = 'drop_previewed' then
        update public.drop_previews set terms = v_terms where preview_id = p_preview_id;
    end if;
    return internal.keep_answer(p_caller, v_answer);
end
$$;
