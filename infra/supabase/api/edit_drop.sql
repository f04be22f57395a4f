-- Change the given fields of an open drop; NULL keeps a field, -1 removes a limit. The lifespan counts from now.
-- A limit that is reached already ends the drop. A title and a colour need migration 024.
-- Outcomes: drop_edited {drop, message: see internal.record_drop_change}; drop_unchanged {drop}; not_allowed;
-- server_not_connected; drop_unknown; drop_over {drop, ended_at}; max_claims_too_low {drop, max_claims};
-- migration_missing {migration}; that of internal.field_refusal.
create function public.edit_drop(
    p_caller internal.caller,
    p_drop_id uuid,
    p_lifespan_seconds integer default null,
    p_max_claims integer default null,
    p_label text default null,
    p_description text default null,
    p_title text default null,
    p_colour integer default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_change record;
    v_drop public.discord_drops;
    v_facts jsonb; -- as it was
    v_refusal jsonb;
    v_look jsonb := internal.chosen_look(jsonb_strip_nulls(jsonb_build_object('colour', p_colour)), p_title);
begin
    select * into v_change from internal.lock_drop_to_change(p_caller, p_drop_id, p_now);
    if v_change.answer is not null then
        return v_change.answer;
    end if;
    v_drop := v_change.drop_before;
    v_facts := internal.drop_facts(v_drop, v_change.reward);
    v_refusal := coalesce(
        internal.field_refusal(v_drop, v_facts, p_label, p_description, p_title, p_colour),
        case when v_look is not null then internal.migration_refusal('024') end,
        case when p_max_claims >= 0 and p_max_claims < v_drop.claims_count then
            jsonb_build_object('outcome', 'max_claims_too_low', 'drop', v_facts, 'max_claims', p_max_claims)
        end
    );
    if v_refusal is not null then
        return internal.keep_answer(p_caller, v_refusal);
    end if;

    v_drop.expires_at := case
        when p_lifespan_seconds is null then v_drop.expires_at
        when p_lifespan_seconds >= 0 then p_now + make_interval(secs => p_lifespan_seconds)
    end;
    v_drop.max_claims := case
        when p_max_claims is null then v_drop.max_claims
        when p_max_claims >= 0 then p_max_claims
    end;
    v_drop.label := coalesce(p_label, v_drop.label);
    v_drop.description := coalesce(p_description, v_drop.description);
    v_drop.title := coalesce(p_title, v_drop.title);
    if v_look is not null then
        v_drop.look := coalesce(v_drop.look, '{}') || v_look;
    end if;
    if internal.drop_facts(v_drop, v_change.reward) = v_facts then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'drop_unchanged', 'drop', v_facts));
    end if;

    update public.discord_drops
    set expires_at = v_drop.expires_at,
        max_claims = v_drop.max_claims,
        label = v_drop.label,
        description = v_drop.description,
        title = v_drop.title
    where drop_id = p_drop_id
    returning * into v_drop;
    if v_look is not null then -- apart, so that every other change does without migration 024
        update public.discord_drops
        set look = coalesce(look, '{}') || v_look, revision = greatest(revision, (v_change.drop_before).revision + 1)
        where drop_id = p_drop_id
        returning * into v_drop;
    end if;
    if v_drop.max_claims <= v_drop.claims_count then -- the table's trigger has ended it, at now() instead of p_now
        v_drop := internal.close_drop(v_drop, 'sold_out', p_now);
    end if;
    return internal.record_drop_change(
        p_caller, 'drop.edited', v_change, v_drop, jsonb_build_object('outcome', 'drop_edited'), p_now
    );
end
$$;
