-- Create the row of a drop; the caller posts its message next. A redelivery gets the same drop.
-- Outcomes: drop_created {drop: internal.post_facts}; not_allowed; server_not_connected; event_not_found {event,
-- events: those that there are}; event_disabled {event}; permissions_missing {channel_id, missing: what the bot lacks
-- there}; migration_missing {migration}.
create function public.create_drop(
    p_caller internal.caller,
    p_event_type text, -- as somebody types it: its type or its label
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
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_rule public.monitoring_rules;
    v_drop public.discord_drops;
begin
    -- Wait for a server that is just leaving its brand, which ends the drops that there are.
    perform from public.discord_server_configs where server_id = p_caller.server_id for share;
    select * into v_access from internal.authorize_admin(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    select * into v_rule from internal.find_rule(v_access.server, p_event_type);
    perform from public.monitoring_rules where id = v_rule.id for key share; -- whoever deletes it waits for the drop
    if not found then
        v_rule := null;
    end if;
    select * into v_drop from public.discord_drops
    where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id;
    if found then -- redelivered
        return jsonb_build_object('outcome', 'drop_created', 'drop', internal.post_facts(v_drop, v_rule.reward_amount));
    elsif v_rule.id is null then
        return internal.event_not_found(v_access.server, p_event_type);
    elsif v_rule.is_enabled is false then
        return jsonb_build_object('outcome', 'event_disabled', 'event', internal.event_name(v_rule));
    elsif p_missing_permissions <> '{}' then
        return jsonb_build_object(
            'outcome', 'permissions_missing', 'channel_id', p_channel_id, 'missing', to_jsonb(p_missing_permissions)
        );
    elsif p_reply_to is not null and internal.migration_refusal('012') is not null then
        return internal.migration_refusal('012');
    end if;

    insert into public.discord_drops
        (drop_id, server_id, event_id, drop_type, channel_id, expires_at, max_claims, created_by, created_at,
            reward_amount, title, label, description, interaction_id, render_after)
    values
        (gen_random_uuid(), p_caller.server_id, v_rule.event_type, 'button', p_channel_id,
            p_now + make_interval(secs => p_lifespan_seconds), p_max_claims, p_caller.user_id, p_now,
            p_reward, v_rule.label, p_label, p_description, p_caller.interaction_id,
            p_now + interval '30 seconds') -- until then the command may post it; after that the schedule will
    on conflict do nothing -- redelivered
    returning * into v_drop;
    if not found then
        select * into v_drop from public.discord_drops
        where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id;
        return jsonb_build_object('outcome', 'drop_created', 'drop', internal.post_facts(v_drop, v_rule.reward_amount));
    end if;
    if p_reply_to is not null then -- apart, so that every other drop does without migration 012
        update public.discord_drops set reply_to = p_reply_to where drop_id = v_drop.drop_id returning * into v_drop;
    end if;
    perform internal.log_action(
        p_caller, (v_access.server).brand_id, 'drop.created',
        null, internal.post_facts(v_drop, v_rule.reward_amount), p_now
    );
    return jsonb_build_object('outcome', 'drop_created', 'drop', internal.post_facts(v_drop, v_rule.reward_amount));
end
$$;
