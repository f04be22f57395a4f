-- Reactions: drops that pay whoever reacts to a message, and channels whose new messages become such drops. Takes a
-- moment; claims wait for it. Drops are scanned once, for an index.

select internal.lock_tables('discord_drops');

alter table public.discord_drops
    add column is_own_message boolean not null default false, -- a reaction drop whose message is ours, and shows its state
    add column watch_id uuid, -- the watch that made it
    -- A reaction drop of which nothing is left to collect: it is over, its reactions were read once more after that, and
    -- the bot's own is gone.
    add column is_collected boolean not null default false;

update public.discord_drops set is_collected = true where drop_type = 'reaction' and ended_at is not null;

-- No index has a column that a claim changes.
create index drops_to_collect on public.discord_drops (channel_id) where drop_type = 'reaction' and not is_collected;
create unique index drops_once_per_watched_message on public.discord_drops (message_id) where watch_id is not null;

-- As in 017, for reaction drops with a message of ours (see internal.drop_has_message).
create or replace function internal.end_drops(p_drop_ids uuid[], p_end_reason text) returns void
language plpgsql set search_path = ''
as $$
declare
    v_now timestamptz := coalesce(nullif(current_setting('resonance.now', true), '')::timestamptz, now());
begin
    update public.discord_drops
    set ended_at = least(expires_at, v_now),
        end_reason = case
            when expires_at <= v_now then 'expired'
            when max_claims >= 0 and claims_count >= max_claims then 'sold_out'
            else p_end_reason
        end,
        is_settled = message_id is null or channel_id is null
            or drop_type is not distinct from 'reaction' and not is_own_message
    where ended_at is null and drop_id = any (array(
        select drop_id from public.discord_drops
        where drop_id = any (p_drop_ids) and ended_at is null
        order by drop_id
        for no key update
    ));
end
$$;

-- A channel, a forum or a thread whose new messages become reaction drops, until it is stopped.
create table public.channel_watches (
    watch_id uuid primary key default gen_random_uuid(),
    server_id text not null,
    channel_id text not null,
    event_id text not null, -- the event_type of the rule that pays
    emoji text not null,
    reward_amount numeric, -- overrides the rule's
    lifespan_seconds integer, -- of each drop; NULL: permanent
    authors text not null default 'everyone', -- whose messages: everyone's, members', or bots' and webhooks'
    author_role_id text, -- only members with this role
    is_forum boolean not null default false, -- the first message of each post
    last_message_id text not null, -- the messages, or posts, up to here have been looked at
    created_by text,
    created_at timestamptz not null default now(),
    interaction_id text, -- the command that created it
    stopped_at timestamptz,
    paused_at timestamptz, -- it makes no drops until the bot can read the channel again
    pause_reason text,
    constraint watches_of_known_authors check (authors in ('everyone', 'members', 'bots')),
    constraint watches_reward_in_range check (reward_amount between 0 and 1000000000),
    constraint watches_pause_for_a_reason check ((paused_at is null) = (pause_reason is null)),
    constraint watches_pause_for_a_known_reason check (
        pause_reason in ('channel_gone', 'channel_closed', 'no_history', 'no_reactions', 'emoji_unknown')
    )
);
create unique index one_watch_per_channel on public.channel_watches (channel_id) where stopped_at is null;
create unique index watches_once_per_interaction on public.channel_watches (server_id, interaction_id) where interaction_id is not null;
create index watches_of_a_server on public.channel_watches (server_id);

create trigger channel_watches_hold_valid_values -- see 014
after insert or update on public.channel_watches
for each row when (
    new.server_id !~ '^[0-9]{1,20}$' or new.channel_id !~ '^[0-9]{1,20}$' or new.last_message_id !~ '^[0-9]{1,20}$'
    or new.author_role_id !~ '^[0-9]{1,20}$' or new.created_by !~ '^[0-9]{1,20}$'
    or new.interaction_id !~ '^[0-9]{1,20}$' or new.reward_amount <> round(new.reward_amount, 2)
)
execute function internal.refuse_wrong_value(
    'server_id', 'channel_id', 'last_message_id', 'author_role_id', 'created_by', 'interaction_id',
    'reward_amount'
);

-- When a channel with reaction drops or a watch is looked at next. No row: it was never looked at.
create table public.reaction_channels (
    channel_id text primary key,
    leased_until timestamptz not null, -- a run looks at it
    next_look_at timestamptz not null,
    quiet_looks integer not null default 0, -- in a row, at which nothing had happened
    refusals integer not null default 0 -- of Discord in a row: nothing is urgent there
);

-- How far the reaction list of a drop has been read. No row: not at all.
create table public.reaction_looks (
    drop_id uuid primary key constraint looks_of_a_drop references public.discord_drops on delete cascade,
    look integer not null default 1, -- counts the readings of the whole list
    started_at timestamptz not null, -- of this one
    finished_at timestamptz, -- of this one; NULL: it goes on from the place below
    is_super boolean not null default false, -- which list goes on: super reactions come after the normal ones
    after_id text not null default '0', -- the member after whom it goes on
    normal_count integer not null, -- as the message had them when this reading began
    super_count integer not null
);

-- Who stands in the list of a drop with a limit, and since when: the whole list is read before anybody is paid.
create table public.drop_reactors (
    drop_id uuid not null constraint reactors_of_a_drop references public.discord_drops on delete cascade,
    discord_user_id text not null,
    first_look integer not null,
    last_look integer not null,
    tried_look integer not null default 0, -- the last one that has paid or refused them
    primary key (drop_id, discord_user_id)
);

-- Why somebody who reacted was not paid, for a day: nobody can be answered in private (/cooldowns tells).
create table public.reaction_refusals (
    server_id text not null,
    discord_user_id text not null,
    drop_id uuid not null,
    refusal jsonb not null,
    refused_at timestamptz not null,
    primary key (server_id, discord_user_id, drop_id)
);
create index reaction_refusals_by_age on public.reaction_refusals (refused_at);

create trigger reaction_channels_hold_valid_values -- see 014
after insert or update of channel_id on public.reaction_channels
for each row when (new.channel_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('channel_id');
create trigger drop_reactors_hold_valid_values
after insert or update of discord_user_id on public.drop_reactors
for each row when (new.discord_user_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('discord_user_id');
create trigger reaction_refusals_hold_valid_values
after insert or update of server_id, discord_user_id on public.reaction_refusals
for each row when (new.server_id !~ '^[0-9]{1,20}$' or new.discord_user_id !~ '^[0-9]{1,20}$')
execute function internal.refuse_wrong_value('server_id', 'discord_user_id');

do $$
declare
    v_table text;
begin
    foreach v_table in array
        array['channel_watches', 'reaction_channels', 'reaction_looks', 'drop_reactors', 'reaction_refusals']
    loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('revoke all on public.%I from public, anon, authenticated, service_role', v_table);
        execute format('create policy resonance on public.%I for all to resonance using (true) with check (true)', v_table);
        execute format('grant select, insert, update, delete on public.%I to resonance', v_table);
    end loop;
end
$$;

create policy portal on public.channel_watches for select to authenticated
using (server_id = any ((select internal.portal_servers())::text[]));
