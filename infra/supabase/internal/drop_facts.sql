-- What the message of a drop shows: everything that the render function needs.
create function internal.drop_facts(p_drop public.discord_drops) returns jsonb
language plpgsql stable
as $$
declare
    v_rule public.monitoring_rules;
begin
    select rule.* into v_rule
    from public.discord_server_configs as server,
        lateral internal.rule(server.brand_id, server.server_id, p_drop.event_id) as rule
    where server.server_id = p_drop.server_id;
    return jsonb_build_object(
        'drop_id', p_drop.drop_id,
        'server_id', p_drop.server_id,
        'channel_id', p_drop.channel_id,
        'message_id', p_drop.message_id,
        'event', coalesce(v_rule.label, p_drop.event_id),
        'reward', coalesce(p_drop.reward_amount, v_rule.reward_amount, 0),
        'label', p_drop.label,
        'description', p_drop.description,
        'claims_count', p_drop.claims_count,
        'max_claims', case when p_drop.max_claims >= 0 then p_drop.max_claims end,
        'expires_at', p_drop.expires_at,
        'ended_at', p_drop.ended_at,
        'end_reason', p_drop.end_reason,
        'revision', p_drop.revision
    );
end
$$;
