-- Keep the terms of a drop, the arguments of create_drop by their names, for the admin who wants to see it first, for an
-- hour. The caller's parent_ids are those of the channel in the terms.
-- Outcomes: drop_previewed {preview_id, drop: internal.drop_facts}; not_allowed; server_not_connected; those of
-- internal.check_creation, category_needed whatever is excluded; migration_missing {migration}.
create function public.preview_drop(p_caller internal.caller, p_terms jsonb, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_refusal jsonb;
    v_preview_id uuid := gen_random_uuid();
    v_caller jsonb := to_jsonb(p_caller);
    v_terms jsonb := p_terms || jsonb_build_object('place', jsonb_build_object(
        'channel_id', v_caller -> 'channel_id',
        'parent_ids', v_caller -> 'parent_ids',
        'is_place_known', v_caller -> 'is_place_known'
    ));
    v_answer jsonb;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    v_refusal := coalesce(v_access.answer, internal.migration_refusal('024'));
    if v_refusal is not null then
        return v_refusal;
    end if;
    v_answer := case
        when v_caller -> 'is_place_known' = 'false' -- whoever presses a button of it later can ask for it no more
            then jsonb_build_object('outcome', 'category_needed')
        else internal.preview_answer(p_caller, v_access.server, v_preview_id, v_terms, p_now)
    end;
    if v_answer ->> 'outcome' = 'drop_previewed' then
        insert into public.drop_previews (preview_id, server_id, created_by, terms, expires_at)
        values (v_preview_id, p_caller.server_id, p_caller.user_id, v_terms, p_now + interval '1 hour');
    end if;
    return internal.keep_answer(p_caller, v_answer);
end
$$;
