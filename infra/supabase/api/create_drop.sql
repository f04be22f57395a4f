-- Creates the row of a drop; its message is posted next. Redelivered, it gives the same drop.
-- Outcomes: drop_created {drop: internal.post_facts}; not_allowed; server_not_connected; event_not_found {event, events:
-- those that there are}; event_disabled {event}; permissions_missing {channel_id, missing: what the bot lacks there};
-- migration_missing {migration}.
create function public.create_drop(
    p_caller internal.caller,
    p_event_type text, -- as somebody types it: its name or its label
    p_channel_id text,
    p_lifespan_seconds integer default null, -- NULL: permanent
    p_max_claims integer default null,
    p_label text default null,
    p_description text default null,
    p_reward numeric default null,
    p_reply_to text default null, -- the message that the drop answers
    p_missing_permissions text[] default '{}',
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_open record;
    v_rule public.monitoring_rules;
    v_drop public.discord_drops;
begin
    select * into v_open from internal.open_server(p_caller);
    if v_open.refusal is not null then
        return v_open.refusal;
    end if;
    select * into v_rule from internal.rule_called(v_open.server, p_event_type);
    select * into v_drop from public.discord_drops where interaction_id = p_caller.interaction_id;
    if found then -- delivered once more
        return jsonb_build_object('outcome', 'drop_created', 'drop', internal.post_facts(v_drop, v_rule.reward_amount));
    elsif v_rule.id is null then
        return internal.event_unknown(v_open.server, p_event_type);
    elsif v_rule.is_enabled is false then
        return jsonb_build_object(
            'outcome', 'event_disabled', 'event', coalesce(nullif(v_rule.label, ''), v_rule.event_type)
        );
    elsif p_missing_permissions <> '{}' then
        return jsonb_build_object(
            'outcome', 'permissions_missing', 'channel_id', p_channel_id, 'missing', to_jsonb(p_missing_permissions)
        );
    elsif p_reply_to is not null and internal.missing_migrations() ? '012' then
        return jsonb_build_object('outcome', 'migration_missing', 'migration', '012');
    end if;

    insert into public.discord_drops
        (drop_id, server_id, event_id, drop_type, channel_id, expires_at, max_claims, created_by, created_at,
            reward_amount, title, label, description, interaction_id, render_after)
    values
        (gen_random_uuid(), p_caller.server_id, v_rule.event_type, 'button', p_channel_id,
            p_now + make_interval(secs => p_lifespan_seconds), p_max_claims, p_caller.user_id, p_now,
            p_reward, v_rule.label, p_label, p_description, p_caller.interaction_id,
            p_now + interval '30 seconds') -- the command posts it now; if it dies on the way, the schedule does
    on conflict (interaction_id) where interaction_id is not null do nothing
    returning * into v_drop;
    if not found then
        select * into v_drop from public.discord_drops where interaction_id = p_caller.interaction_id;
        return jsonb_build_object('outcome', 'drop_created', 'drop', internal.post_facts(v_drop, v_rule.reward_amount));
    end if;
    if p_reply_to is not null then -- apart, so that every other drop does without migration 012
        update public.discord_drops set reply_to = p_reply_to where drop_id = v_drop.drop_id returning * into v_drop;
    end if;
    insert into public.discord_audit_log
        (server_id, brand_id, actor_type, actor_id, action, after_state, interaction_id, created_at)
    values
        (p_caller.server_id, (v_open.server).brand_id, 'admin', p_caller.user_id, 'drop.created',
            internal.post_facts(v_drop, v_rule.reward_amount), p_caller.interaction_id, p_now);
    return jsonb_build_object('outcome', 'drop_created', 'drop', internal.post_facts(v_drop, v_rule.reward_amount));
end
$$;
