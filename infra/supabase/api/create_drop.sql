-- Create the row of a drop; the caller posts its message next, or adds the emoji of a reaction drop. A redelivery gets
-- the same drop. The caller's parent_ids are those of p_channel_id. A title and a look need migration 024.
-- Outcomes: drop_created {drop: internal.post_facts}; not_allowed; server_not_connected; those of
-- internal.check_creation; of a reaction drop reaction_drop_exists {drop}: there is an open one with the same emoji on
-- that message; migration_missing {migration}.
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
    p_drop_type text default 'button', -- or 'reaction'
    p_emoji text default null, -- of a reaction drop, as a message shows it
    p_message_id text default null, -- of a reaction drop: somebody else's message; NULL: the caller posts one of ours
    p_title text default null, -- NULL: its event's name
    p_look jsonb default null, -- see migration 024; NULL: as every drop
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_check record;
    v_refusal jsonb;
    v_drop public.discord_drops;
    v_facts jsonb;
    v_look jsonb := internal.chosen_look(p_look, p_title);
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return internal.creation_by_now(p_caller, v_access.answer);
    end if;
    v_check := internal.check_creation(
        p_caller, v_access.server, p_event_type, p_channel_id, p_missing_permissions, p_missing_permissions_of_caller,
        p_now
    );
    v_refusal := coalesce(
        v_check.refusal,
        case when p_reply_to is not null then internal.migration_refusal('012') end,
        case when p_drop_type = 'reaction' then internal.migration_refusal('020') end,
        case when v_look is not null then internal.migration_refusal('024') end,
        internal.reaction_drop_refusal(
            p_caller.server_id, p_message_id, p_emoji, (v_check.rule).reward_amount, p_now
        )
    );
    if v_refusal is not null then
        return internal.keep_answer(p_caller, v_refusal);
    end if;

    insert into public.discord_drops
        (drop_id, server_id, event_id, drop_type, channel_id, message_id, emoji, expires_at, max_claims, created_by,
            created_at, reward_amount, title, label, description, interaction_id, render_after)
    values
        (gen_random_uuid(), p_caller.server_id, (v_check.rule).event_type, p_drop_type, p_channel_id, p_message_id,
            p_emoji, p_now + make_interval(secs => p_lifespan_seconds), p_max_claims, p_caller.user_id,
            p_now, p_reward, coalesce(p_title, internal.event_name(v_check.rule)), p_label, p_description,
            p_caller.interaction_id, p_now + interval '30 seconds') -- the command posts it until then, the schedule after that
    returning * into v_drop;
    -- Each apart, so that every other drop does without migrations 012, 020 and 024.
    if p_reply_to is not null then
        update public.discord_drops set reply_to = p_reply_to where drop_id = v_drop.drop_id returning * into v_drop;
    end if;
    if p_drop_type = 'reaction' then
        update public.discord_drops set is_own_message = p_message_id is null where drop_id = v_drop.drop_id
        returning * into v_drop;
    end if;
    if v_look is not null then
        update public.discord_drops set look = v_look where drop_id = v_drop.drop_id returning * into v_drop;
    end if;
    v_facts := internal.post_facts(v_drop, (v_check.rule).reward_amount);
    perform internal.log_action(p_caller, (v_access.server).brand_id, 'drop.created', null, v_facts, p_now);
    return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'drop_created', 'drop', v_facts));
end
$$;
