-- Create the drop of the caller's own preview, as public.create_drop does. A second press gets the same drop.
-- Outcomes: drop_created {drop} and the others of public.create_drop; preview_over: it is forgotten.
create function public.post_preview(p_caller internal.caller, p_preview_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.preview_refusal(p_caller);
    v_preview record;
    v_terms jsonb;
    v_answer jsonb;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    -- Before the preview, as change_preview does.
    perform from public.discord_server_configs where server_id = p_caller.server_id for no key update;
    v_preview := internal.lock_preview(p_caller, p_preview_id, p_now);
    v_terms := v_preview.terms;
    if v_terms is null then
        return jsonb_build_object('outcome', 'preview_over');
    elsif v_preview.drop_id is not null then
        return (
            select jsonb_build_object('outcome', 'drop_created', 'drop', internal.post_facts(d, rule.reward_amount))
            from public.discord_drops as d
            left join public.discord_server_configs as server on server.server_id = d.server_id
            left join lateral internal.rule(server.brand_id, d.server_id, d.event_id) as rule on true
            where d.drop_id = v_preview.drop_id
        );
    end if;
    v_answer := public.create_drop(
        internal.caller_of_terms(p_caller, v_terms),
        p_event_type => v_terms ->> 'event_type',
        p_channel_id => v_terms ->> 'channel_id',
        p_lifespan_seconds => (v_terms ->> 'lifespan_seconds')::integer,
        p_max_claims => (v_terms ->> 'max_claims')::integer,
        p_label => v_terms ->> 'label',
        p_description => v_terms ->> 'description',
        p_reward => (v_terms ->> 'reward')::numeric,
        p_missing_permissions => internal.texts(v_terms -> 'missing_permissions'),
        p_missing_permissions_of_caller => internal.texts(v_terms -> 'missing_permissions_of_caller'),
        p_drop_type => coalesce(v_terms ->> 'drop_type', 'button'),
        p_emoji => v_terms ->> 'emoji',
        p_title => v_terms ->> 'title',
        p_look => v_terms -> 'look',
        p_now => p_now
    );
    if v_answer ->> 'outcome' = 'drop_created' then
        update public.drop_previews set drop_id = (v_answer #>> '{drop,drop_id}')::uuid
        where preview_id = p_preview_id;
    end if;
    return v_answer;
end
$$;
