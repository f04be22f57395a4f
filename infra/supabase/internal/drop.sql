-- A drop: why it is over, whether it has a message, what it shows and what it has paid.

-- Give why a drop is over, also before the schedule has written it down; NULL if it is open.
create function internal.drop_end_reason(p_drop public.discord_drops, p_now timestamptz) returns text
language sql immutable
as $$
    select case
        when p_drop.end_reason is not null then p_drop.end_reason
        when p_drop.expires_at <= p_now then 'expired'
        when p_drop.max_claims >= 0 and p_drop.claims_count >= p_drop.max_claims then 'sold_out'
    end
$$;

-- Tell whether the message of a drop is ours, or will be: somebody else's stays as it is. Migration 020 may be missing.
create function internal.drop_is_shown(p_drop public.discord_drops) returns boolean
language sql immutable
as $$
    select case
        when p_drop.drop_type = 'reaction' then coalesce(pg_catalog.to_jsonb(p_drop) -> 'is_own_message', 'false') = 'true'
        else true
    end
$$;

-- Tell whether a drop has a message of ours, which must show its state. A value that is
-- no id (possible before migration 014) names no message.
create function internal.drop_has_message(p_drop public.discord_drops) returns boolean
language sql immutable
as $$
    select coalesce(p_drop.message_id ~ '^[0-9]{1,20}$' and p_drop.channel_id ~ '^[0-9]{1,20}$', false)
        and internal.drop_is_shown(p_drop)
$$;

-- Give what the message of a drop shows, all that render needs: {drop_id, server_id, channel_id, message_id, title,
-- reward, label, description, claims_count, max_claims, expires_at, end_reason, end_cause, revision}. The reward is the
-- drop's own, else p_rule_reward; pass NULL for a drop that is over, whose message shows none. end_cause is the reason;
-- end_reason says 'ended' for those that the release before migration 013 does not know. Of a reaction drop also
-- {emoji, is_own_message}; where there is one, {look} (migration 024 has it) and {brand: the name of its brand}.
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
        'end_reason', case
            when p_drop.end_reason in ('server_left', 'event_deleted') then 'ended' else p_drop.end_reason
        end,
        'end_cause', p_drop.end_reason,
        'revision', p_drop.revision
    ) || case when p_drop.drop_type = 'reaction' then pg_catalog.jsonb_build_object(
        'emoji', p_drop.emoji,
        'is_own_message', internal.drop_is_shown(p_drop)
    ) else '{}' end || internal.added_facts(p_drop)
$$;

-- Give what later migrations add to internal.drop_facts.
create function internal.added_facts(p_drop public.discord_drops) returns jsonb
language plpgsql stable
as $$
begin
    if to_regclass('public.drop_previews') is null then -- migration 024 is missing
        return jsonb_strip_nulls(jsonb_build_object('brand', internal.brand_name(internal.drop_brand(p_drop))));
    end if;
    return jsonb_strip_nulls(jsonb_build_object('look', p_drop.look, 'brand', internal.brand_name(p_drop.brand_id)));
end
$$;

-- Give the brand that a drop was made for; NULL before migration 013. All columns as JSON, of which one may be missing,
-- would take a refused click a third of its time: look at them so only where migration 018 is missing.
create function internal.drop_brand(p_drop public.discord_drops) returns text
language plpgsql stable
as $$
begin
    if to_regclass('public.brands') is null then
        return to_jsonb(p_drop) ->> 'brand_id';
    end if;
    return p_drop.brand_id;
end
$$;

-- Give internal.drop_facts, with reply_to if the drop answers a message. Migration 012 adds the column and may be
-- missing.
create function internal.post_facts(p_drop public.discord_drops, p_rule_reward numeric) returns jsonb
language sql stable
as $$
    select internal.drop_facts(p_drop, p_rule_reward)
        || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('reply_to', pg_catalog.to_jsonb(p_drop) -> 'reply_to'))
$$;

-- Give what a drop has paid: {claims, amount}. Call it with the drop's row locked, so that no claim is under way.
-- VOLATILE: needs a new snapshot, taken after the lock.
create function internal.drop_paid(p_drop_id uuid) returns jsonb
language plpgsql volatile
as $$
begin
    return (
        select jsonb_build_object('claims', count(*), 'amount', coalesce(sum(reward_amount), 0))
        from public.discord_drop_claims where drop_id = p_drop_id
    );
end
$$;

-- Give what is kept of how a drop looks (see migration 024): what was chosen, and that its title was; NULL for nothing.
create function internal.chosen_look(p_look jsonb, p_title text) returns jsonb
language sql immutable
as $$
    select nullif(
        coalesce(nullif(p_look, 'null'), '{}')
            || case when p_title is null then '{}'::jsonb else '{"is_titled": true}'::jsonb end,
        '{}'
    )
$$;
