-- What the message of a drop shows: everything that the render function needs. The reward is the drop's own or the
-- rule's, which whoever asks has at hand; the message of a drop that is over shows none.
create function internal.drop_facts(p_drop public.discord_drops, p_rule_reward numeric) returns jsonb
language sql stable
as $$
    select pg_catalog.jsonb_build_object(
        'drop_id', p_drop.drop_id,
        'server_id', p_drop.server_id,
        'channel_id', p_drop.channel_id,
        'message_id', p_drop.message_id,
        'title', coalesce(p_drop.title, p_drop.event_id),
        'reward', coalesce(p_drop.reward_amount, p_rule_reward, 0),
        'label', p_drop.label,
        'description', p_drop.description,
        'claims_count', p_drop.claims_count,
        'max_claims', case when p_drop.max_claims >= 0 then p_drop.max_claims end,
        'expires_at', p_drop.expires_at,
        'end_reason', p_drop.end_reason,
        'revision', p_drop.revision
    )
$$;

-- The same with what posting the message needs besides: {reply_to} where it answers another message. The column is of
-- migration 012, which may be missing.
create function internal.post_facts(p_drop public.discord_drops, p_rule_reward numeric) returns jsonb
language sql stable
as $$
    select internal.drop_facts(p_drop, p_rule_reward)
        || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('reply_to', pg_catalog.to_jsonb(p_drop) -> 'reply_to'))
$$;
