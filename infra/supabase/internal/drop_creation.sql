-- What an admin is about to create, a drop or a watch: may they, and would it pay anybody?

-- Find the event that a drop, or the drops of a watch, in p_channel_id are to pay, or give why not: post_not_allowed
-- {channel_id, missing: what the caller lacks there}; brand_disabled; event_not_found {event, events: those that there
-- are}; what would pay nobody: event_disabled {event}, channel_excluded {channel_id, excluded} or category_needed
-- (internal.place_refusal), limit_reached or total_limit_reached {event, limit}; permissions_missing {channel_id,
-- missing: what the bot lacks there}. The caller's parent_ids are those of p_channel_id.
create function internal.check_creation(
    p_caller internal.caller,
    p_server public.discord_server_configs,
    p_event_type text, -- as typed: its type or its label
    p_channel_id text,
    p_missing_permissions text[], -- the bot's
    p_missing_permissions_of_caller text[],
    p_now timestamptz,
    out rule public.monitoring_rules,
    out refusal jsonb
)
language plpgsql volatile
as $$
declare
    v_place internal.caller := p_caller;
begin
    select * into rule from internal.find_rule(p_server, p_event_type);
    perform from public.monitoring_rules where id = rule.id for key share; -- a deletion of the event waits for this
    if not found then
        rule := null;
    end if;
    v_place.channel_id := p_channel_id;
    refusal := case
        when p_missing_permissions_of_caller <> '{}' then jsonb_build_object(
            'outcome', 'post_not_allowed',
            'channel_id', p_channel_id,
            'missing', to_jsonb(p_missing_permissions_of_caller)
        )
        else internal.brand_refusal(p_server.brand_id)
    end;
    refusal := coalesce(refusal, case
        when rule.id is null then internal.event_not_found(p_server, p_event_type)
        when rule.is_enabled is false
            then jsonb_build_object('outcome', 'event_disabled', 'event', internal.event_name(rule))
        else coalesce(
            internal.place_refusal(v_place, p_server.config_metadata),
            internal.limit_refusal(rule, p_caller.server_id, 0, null, p_now)
        )
    end);
    refusal := coalesce(refusal, case
        when p_missing_permissions <> '{}' then jsonb_build_object(
            'outcome', 'permissions_missing', 'channel_id', p_channel_id, 'missing', to_jsonb(p_missing_permissions)
        )
    end);
end
$$;

-- Refuse a second open reaction drop with the same emoji on a message: reaction_drop_exists {drop}, else NULL.
create function internal.reaction_drop_refusal(
    p_server_id text,
    p_message_id text,
    p_emoji text,
    p_rule_reward numeric,
    p_now timestamptz
) returns jsonb
language sql stable
as $$
    select pg_catalog.jsonb_build_object(
        'outcome', 'reaction_drop_exists', 'drop', internal.drop_facts(d, p_rule_reward)
    )
    from public.discord_drops as d
    where d.server_id = p_server_id and d.ended_at is null and d.drop_type = 'reaction' and d.message_id = p_message_id
        and internal.emoji_key(d.emoji) = internal.emoji_key(p_emoji) and internal.drop_end_reason(d, p_now) is null
    limit 1
$$;

-- Give what makes two ways to write an emoji the same: the id of a server's own, <:party:123> or party:123, which can be
-- renamed; of a character what is left without the mark that it is drawn in colour.
create function internal.emoji_key(p_emoji text) returns text
language sql immutable
as $$
    select coalesce(
        substring(p_emoji from '^(?:<a?:)?\w{2,32}:([0-9]{1,20})>?$'), replace(p_emoji, pg_catalog.chr(65039), '')
    )
$$;

-- Give the answer to the first delivery of a command that creates a drop, with the drop's current state: its message
-- may have been posted, or refused by Discord. Keep the reward of that answer, because the event may be deleted.
create function internal.creation_by_now(p_caller internal.caller, p_answer jsonb) returns jsonb
language plpgsql stable
as $$
begin
    return coalesce((
        select jsonb_build_object(
            'outcome', 'drop_created', 'drop', internal.post_facts(d, (p_answer #>> '{drop,reward}')::numeric)
        )
        from public.discord_drops as d
        where d.server_id = p_caller.server_id and d.interaction_id = p_caller.interaction_id
    ), p_answer);
end
$$;
