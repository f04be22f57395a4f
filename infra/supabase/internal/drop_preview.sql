-- A drop as one admin sees it before it is posted (migration 024 adds the table).

-- Give why the caller may not decide about previews: that of internal.authorize_admin, migration_missing; else NULL.
create function internal.preview_refusal(p_caller internal.caller) returns jsonb
language plpgsql stable
as $$
begin
    return coalesce((internal.authorize_admin(p_caller)).refusal, internal.migration_refusal('024'));
end
$$;

-- Lock the caller's own preview that is not forgotten: its terms, NULL if there is none, and the drop that it was posted
-- as.
create function internal.lock_preview(
    p_caller internal.caller,
    p_preview_id uuid,
    p_now timestamptz,
    out terms jsonb,
    out drop_id uuid
)
language plpgsql volatile
as $$
begin
    select p.terms, p.drop_id into terms, drop_id from public.drop_previews as p
    where p.preview_id = p_preview_id and p.server_id = p_caller.server_id and p.created_by = p_caller.user_id
        and (p.expires_at > p_now or p.drop_id is not null)
    for no key update;
end
$$;

-- Give the caller as they stood where they wrote the terms of a drop.
create function internal.caller_of_terms(p_caller internal.caller, p_terms jsonb) returns internal.caller
language sql immutable
as $$
    select pg_catalog.jsonb_populate_record(p_caller, coalesce(p_terms -> 'place', '{}'))
$$;

-- Give why the terms of a drop would be refused now, as public.create_drop does, or drop_previewed {preview_id,
-- drop: internal.drop_facts of what would be posted}.
create function internal.preview_answer(
    p_caller internal.caller,
    p_server public.discord_server_configs,
    p_preview_id uuid,
    p_terms jsonb,
    p_now timestamptz
) returns jsonb
language plpgsql volatile
as $$
declare
    v_check record;
    v_drop public.discord_drops;
begin
    v_check := internal.check_creation(
        internal.caller_of_terms(p_caller, p_terms), p_server, p_terms ->> 'event_type', p_terms ->> 'channel_id',
        internal.texts(p_terms -> 'missing_permissions'), internal.texts(p_terms -> 'missing_permissions_of_caller'),
        p_now
    );
    if v_check.refusal is not null then
        return v_check.refusal;
    end if;
    v_drop := jsonb_populate_record(v_drop, jsonb_strip_nulls(p_terms) || jsonb_build_object(
        'drop_id', p_preview_id,
        'server_id', p_caller.server_id,
        'brand_id', p_server.brand_id,
        'title', coalesce(p_terms ->> 'title', internal.event_name(v_check.rule)),
        'reward_amount', p_terms -> 'reward',
        'claims_count', 0,
        'expires_at', p_now + make_interval(secs => (p_terms ->> 'lifespan_seconds')::double precision),
        'look', internal.chosen_look(p_terms -> 'look', p_terms ->> 'title'),
        'is_own_message', true,
        'revision', 1
    ));
    return jsonb_build_object(
        'outcome', 'drop_previewed',
        'preview_id', p_preview_id,
        'drop', internal.drop_facts(v_drop, (v_check.rule).reward_amount)
    );
end
$$;

-- Give a JSON array of texts as an array; an empty one for NULL.
create function internal.texts(p_array jsonb) returns text[]
language sql immutable
as $$
    select array(
        select text from pg_catalog.jsonb_array_elements_text(
            case when pg_catalog.jsonb_typeof(p_array) = 'array' then p_array else '[]' end
        ) as text
    )
$$;
