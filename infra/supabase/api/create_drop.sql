-- Create the row of a drop; the caller posts its message next. A redelivery gets the same drop. The caller's parent_ids
-- are those of p_channel_id.
-- Outcomes: drop_created {drop: internal.post_facts}; not_allowed; server_not_connected; post_not_allowed {channel_id,
-- missing: what the caller lacks there}; brand_disabled; event_not_found {event, events: those that there are}; what
-- would pay nobody: event_disabled {event}, channel_excluded {channel_id, excluded} or category_needed
-- (internal.place_refusal), limit_reached or total_limit_reached {event, limit};
-- permissions_missing {channel_id, missing: what the bot lacks there}; migration_missing {migration}.
create function public.create_drop(
    p_caller internal.caller,
    p_event_type text, -- as typed: its type or its label
    p_channel_id text,
    p_lifespan_seconds integer default null, -- NULL: permanent
    p_max_claims integer default null,
    p_label text default null,
    p_description text default null,
    p_reward numeric default null,
    p_reply_to text default null, -- the message that the drop answers
    p_missing_permissions text[] default '{}', -- the bot's
    p_missing_permissions_of_caller text[] default '{}',
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_rule public.monitoring_rules;
    v_refusal jsonb;
    v_drop public.discord_drops;
    v_facts jsonb;
    v_place internal.caller := p_caller;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return internal.creation_by_now(p_caller, v_access.answer);
    end if;
    select * into v_rule from internal.find_rule(v_access.server, p_event_type);
    perform from public.monitoring_rules where id = v_rule.id for key share; -- a deletion of the event waits for this
    if not found then
        v_rule := null;
    end if;
    v_place.channel_id := p_channel_id;
    v_refusal := case
        when p_missing_permissions_of_caller <> '{}' then jsonb_build_object(
            'outcome', 'post_not_allowed',
            'channel_id', p_channel_id,
            'missing', to_jsonb(p_missing_permissions_of_caller)
        )
        else internal.brand_refusal((v_access.server).brand_id)
    end;
    v_refusal := coalesce(v_refusal, case
        when v_rule.id is null then internal.event_not_found(v_access.server, p_event_type)
        when v_rule.is_enabled is false
            then jsonb_build_object('outcome', 'event_disabled', 'event', internal.event_name(v_rule))
        else coalesce(
            internal.place_refusal(v_place, (v_access.server).config_metadata),
            internal.limit_refusal(v_rule, p_caller.server_id, 0, null, p_now)
        )
    end);
    v_refusal := coalesce(v_refusal, case
        when p_missing_permissions <> '{}' then jsonb_build_object(
            'outcome', 'permissions_missing', 'channel_id', p_channel_id, 'missing', to_jsonb(p_missing_permissions)
        )
        when p_reply_to is not null then internal.migration_refusal('012')
    end);
    if v_refusal is not null then
        return internal.keep_answer(p_caller, v_refusal);
    end if;

    insert into public.discord_drops
        (drop_id, server_id, event_id, drop_type, channel_id, expires_at, max_claims, created_by, created_at,
            reward_amount, title, label, description, interaction_id, render_after)
    values
        (gen_random_uuid(), p_caller.server_id, v_rule.event_type, 'button', p_channel_id,
            p_now + make_interval(secs => p_lifespan_seconds), p_max_claims, p_caller.user_id, p_now,
            p_reward, internal.event_name(v_rule), p_label, p_description, p_caller.interaction_id,
            p_now + interval '30 seconds') -- the command posts it until then, the schedule after that
    returning * into v_drop;
    if p_reply_to is not null then -- apart, so that every other drop does without migration 012
        update public.discord_drops set reply_to = p_reply_to where drop_id = v_drop.drop_id returning * into v_drop;
    end if;
    v_facts := internal.post_facts(v_drop, v_rule.reward_amount);
    perform internal.log_action(p_caller, (v_access.server).brand_id, 'drop.created', null, v_facts, p_now);
    return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'drop_created', 'drop', v_facts));
end
$$;
