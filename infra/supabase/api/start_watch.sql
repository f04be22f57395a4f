-- Watch a channel: its new messages become reaction drops. A redelivery gets the same answer. The caller's parent_ids
-- are those of p_channel_id.
-- Outcomes: watch_started {watch: internal.watch_facts}; those of internal.watch_refusal; not_allowed;
-- server_not_connected; those of internal.check_creation; migration_missing {migration}.
create function public.start_watch(
    p_caller internal.caller,
    p_channel_id text,
    p_event_type text default 'news_tracker', -- as typed: its type or its label
    p_emoji text default '🎉', -- as a message shows it
    p_reward numeric default null, -- NULL: what the event pays
    p_lifespan_seconds integer default 86400, -- of each drop; NULL: permanent
    p_authors text default 'everyone', -- everyone, members or bots
    p_author_role_id text default null, -- only members with this role
    p_is_forum boolean default false,
    p_last_message_id text default null, -- the messages after this one; NULL: after the caller's interaction
    p_missing_permissions text[] default '{}', -- the bot's
    p_missing_permissions_of_caller text[] default '{}',
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_check record;
    v_refusal jsonb;
    v_id uuid;
    v_watch jsonb;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    v_check := internal.check_creation(
        p_caller, v_access.server, p_event_type, p_channel_id, p_missing_permissions, p_missing_permissions_of_caller,
        p_now
    );
    v_refusal := coalesce(v_check.refusal, internal.migration_refusal('020'));
    if v_refusal is null then
        v_refusal := internal.watch_refusal(p_caller.server_id, p_channel_id);
    end if;
    if v_refusal is not null then
        return internal.keep_answer(p_caller, v_refusal);
    end if;

    update public.reaction_channels set next_look_at = least(next_look_at, p_now), quiet_looks = 0
    where channel_id = p_channel_id; -- its drops may have been quiet
    insert into public.channel_watches
        (server_id, channel_id, event_id, emoji, reward_amount, lifespan_seconds, authors, author_role_id, is_forum,
            last_message_id, created_by, created_at, interaction_id)
    values
        (p_caller.server_id, p_channel_id, (v_check.rule).event_type, p_emoji, p_reward, p_lifespan_seconds, p_authors,
            p_author_role_id, p_is_forum, coalesce(p_last_message_id, p_caller.interaction_id), p_caller.user_id, p_now,
            p_caller.interaction_id)
    returning watch_id into v_id;
    v_watch := internal.watch_facts(v_id);
    perform internal.log_action(p_caller, (v_access.server).brand_id, 'watch.started', null, v_watch, p_now);
    return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'watch_started', 'watch', v_watch));
end
$$;
