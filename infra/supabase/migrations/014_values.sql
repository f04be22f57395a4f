-- What a value may be, whoever writes it: ids, amounts of RSNC, settings. Only what is written from now on is checked:
-- rows and settings from before stay as they are, and their other parts can be changed.
-- Nothing is scanned. Everything waits for the writes under way, and holds up new ones until the commit.

-- Lock the tables at once, before anything is changed. Whoever is paying holds some of them and waits for others: give up
-- sooner than Postgres ends somebody for a deadlock (deadlock_timeout, 1 s), let them finish, and try again.
do $$
declare
    v_timeout text := current_setting('lock_timeout');
begin
    loop
        begin
            perform set_config('lock_timeout', '500ms', true);
            lock table public.discord_drops, public.discord_drop_claims, public.discord_server_configs,
                public.monitoring_rules, public.disabled_members, public.event_claims, public.discord_user_streaks,
                public.reward_ledger, public.discord_user_stats, public.member_earnings, public.event_totals,
                public.discord_audit_log in access exclusive mode;
            exit;
        exception
            when lock_not_available then
                perform pg_sleep(0.1);
        end;
    end loop;
    perform set_config('lock_timeout', v_timeout, true);
end
$$;

-- Refuse a row in which a new value is not what its column may hold: an amount of RSNC with two decimals at most, else a
-- Discord id. The trigger's arguments are the columns. A reversal takes back exactly what a row from before has paid.
-- Brand-wide rows of the audit log have '*' instead of a server.
create function internal.refuse_wrong_value() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_row jsonb := to_jsonb(new);
    v_column text;
    v_expected text;
begin
    foreach v_column in array tg_argv loop
        v_expected := case
            when v_row -> v_column = to_jsonb(old) -> v_column then null -- from before
            when v_column like '%amount' then
                case when v_row ->> 'source' is distinct from 'reversal'
                    and (v_row ->> v_column)::numeric <> round((v_row ->> v_column)::numeric, 2)
                    then 'have two decimals at most' end
            when v_row ->> v_column !~ '^[0-9]{1,20}$'
                and not (tg_table_name = 'discord_audit_log' and v_column = 'server_id' and v_row ->> v_column = '*')
                then 'be a Discord id, text of 1 to 20 digits'
        end;
        if v_expected is not null then
            raise exception using
                errcode = 'check_violation',
                message = tg_table_name || '.' || v_column || ' must ' || v_expected,
                constraint = tg_name;
        end if;
    end loop;
    return new;
end
$$;

-- Triggers, because a CHECK is run at every update of a row, also of one from before (see 005). AFTER, because then the
-- upserts of a click run them for a new row alone: an update of one sets none of these columns. The ledger is checked
-- before its other trigger writes into more tables, so that the message names the right one.
do $$
declare
    v_table record;
begin
    for v_table in
        select * from (values
            ('discord_user_streaks', 'streaks_hold_valid_values', array['server_id', 'discord_user_id']),
            ('event_claims', 'event_claims_hold_valid_values', array['server_id', 'discord_user_id']),
            ('reward_ledger', 'ledger_holds_valid_values',
                array['server_id', 'discord_user_id', 'interaction_id', 'amount']),
            ('discord_user_stats', 'stats_hold_valid_values', array['server_id', 'discord_user_id']),
            ('member_earnings', 'earnings_hold_valid_values', array['server_id', 'discord_user_id']),
            ('event_totals', 'event_totals_hold_valid_values', array['server_id']),
            ('discord_drops', 'drops_hold_valid_values',
                array['server_id', 'channel_id', 'message_id', 'created_by', 'interaction_id', 'reply_to',
                    'reward_amount']),
            ('discord_drop_claims', 'claims_hold_valid_values', array['discord_user_id', 'reward_amount']),
            ('disabled_members', 'disabled_members_hold_valid_values',
                array['server_id', 'discord_user_id', 'disabled_by']),
            ('discord_server_configs', 'servers_hold_valid_values', array['server_id']),
            ('monitoring_rules', 'rules_hold_valid_values', array['server_id', 'reward_amount'])
        ) as known (name, trigger, columns)
    loop
        execute format(
            'create trigger %I %s insert or update of %s on public.%I for each row when (%s)
            execute function internal.refuse_wrong_value(%s)',
            v_table.trigger,
            case v_table.name when 'reward_ledger' then 'before' else 'after' end,
            array_to_string(v_table.columns, ', '),
            v_table.name,
            (
                select string_agg(format(case
                    when c like '%amount' then 'new.%I <> round(new.%1$I, 2)' else 'new.%I !~ ''^[0-9]{1,20}$'''
                end, c), ' or ')
                from unnest(v_table.columns) as c
            ),
            (select string_agg(quote_literal(c), ', ') from unnest(v_table.columns) as c)
        );
    end loop;
end
$$;

-- A row that another table's trigger writes tells of a row that was checked there, or is from before. The actor need not
-- be a member: see 007.
create trigger audit_holds_valid_values
after insert on public.discord_audit_log
for each row when (
    pg_trigger_depth() = 0
    and (new.server_id !~ '^([0-9]{1,20}|[*])$' or new.target_user_id !~ '^[0-9]{1,20}$'
        or new.interaction_id !~ '^[0-9]{1,20}$')
)
execute function internal.refuse_wrong_value('server_id', 'target_user_id', 'interaction_id');

-- Give the parts of a JSON value that it did not have before: the fields of an object and the entries of a list that are
-- new, else the whole value.
create function internal.new_parts(p_before jsonb, p_after jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
    if jsonb_typeof(p_after) = 'object' then
        return coalesce((
            select jsonb_object_agg(key, internal.new_parts(p_before -> key, value)) from jsonb_each(p_after)
            where value is distinct from p_before -> key
        ), '{}');
    elsif jsonb_typeof(p_after) = 'array' and jsonb_typeof(p_before) = 'array' then
        return coalesce((
            select jsonb_agg(entry) from jsonb_array_elements(p_after) as entry
            where entry not in (select jsonb_array_elements(p_before))
        ), '[]');
    end if;
    return p_after;
end
$$;

-- True if a JSON value is absent or an object whose keys are Discord ids.
create function internal.is_absent_or_by_id(p_value jsonb) returns boolean
language sql immutable set search_path = ''
as $$
    select p_value is null or pg_catalog.jsonb_typeof(p_value) = 'object' and not exists (
        select from pg_catalog.jsonb_object_keys(p_value) as key where key !~ '^[0-9]{1,20}$'
    )
$$;

grant execute on function internal.new_parts, internal.is_absent_or_by_id to service_role; -- the trigger runs as the writer

-- Raises check_violation with a sentence when what is new in the settings of a server is not what every reader may rely
-- on (see 001). Bounds keep what is told and what is paid the same, and every number within the range of the readers.
create or replace function internal.validate_server_settings() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_settings jsonb := coalesce(new.config_metadata, '{}');
    v_new jsonb := internal.new_parts(case when tg_op = 'UPDATE' then old.config_metadata end, v_settings);
    v_streak jsonb := v_new -> 'streak';
    v_problem text;
begin
    v_problem := case
        when jsonb_typeof(v_settings) <> 'object' then 'config_metadata must be an object'
        when v_new ? 'timezone' and not exists (
            select from pg_catalog.pg_timezone_names where name = v_new ->> 'timezone'
        ) then 'timezone must be an IANA name such as Europe/Berlin'
        when not internal.is_absent_or('object', v_streak) then 'streak must be an object'
        when not internal.is_absent_or('number', v_streak -> 'grace_hours')
            or not coalesce((v_streak ->> 'grace_hours')::numeric between 1 and 72, true)
            or (v_streak ->> 'grace_hours')::numeric % 1 <> 0
            then 'streak.grace_hours must be a whole number from 1 to 72'
        when not internal.is_absent_or('array', v_streak -> 'tiers')
            or v_streak ? 'tiers' and jsonb_path_exists(v_settings, '$.streak.tiers[50]')
            or not internal.every_value(
                v_streak -> 'tiers',
                '$.type() == "object"
                 && $.days.type() == "number" && $.days >= 1 && $.days <= 100000 && $.days % 1 == 0
                 && $.multiplier.type() == "number" && $.multiplier >= 1 && $.multiplier <= 5
                 && $.multiplier * 100 % 1 == 0'
            )
            then 'streak.tiers must be a list of up to 50 {days, multiplier}: 1 to 100,000 whole days, the multiplier '
                'from 1.0 to 5.0 with two decimals at most'
        when not internal.is_absent_or('array', v_streak -> 'milestones')
            or not internal.every_value(
                v_streak -> 'milestones',
                '$.type() == "object" && $.days.type() == "number" && $.days >= 1
                 && $.reward.type() == "number" && $.reward >= 0 && $.reward * 100 % 1 == 0'
            ) -- and see 010
            then 'streak.milestones must be a list of {days, reward}, the reward with two decimals at most'
        when not internal.is_absent_or_by_id(v_new -> 'admin_roles')
            or not internal.every_value(
                v_new -> 'admin_roles', '$.type() == "number" && ($ == 1 || $ == 2 || $ == 3 || $ == 4)'
            )
            then 'admin_roles must map role ids (1 to 20 digits) to levels from 1 to 4'
        when not internal.is_absent_or_by_id(v_new -> 'role_bonuses')
            or not internal.every_value(
                v_new -> 'role_bonuses',
                '$.type() == "object"
                 && (!exists($.multiplier)
                     || $.multiplier.type() == "number" && $.multiplier >= 1 && $.multiplier <= 5
                         && $.multiplier * 100 % 1 == 0)
                 && (!exists($.flat)
                     || $.flat.type() == "number" && $.flat >= 0 && $.flat <= 1000 && $.flat * 100 % 1 == 0)'
            )
            then 'role_bonuses must map role ids (1 to 20 digits) to {multiplier, flat}: 1.0 to 5.0 and 0 to 1,000 '
                'RSNC, with two decimals at most'
        when not internal.is_absent_or('array', v_new -> 'excluded_channels')
            or not internal.every_value(
                v_new -> 'excluded_channels', '$.type() == "string" && $ like_regex "^[0-9]{1,20}$"'
            )
            then 'excluded_channels must be a list of channel ids: texts of 1 to 20 digits'
        when not internal.is_absent_or('string', v_new -> 'admin_channel')
            or v_new ->> 'admin_channel' !~ '^[0-9]{1,20}$'
            then 'admin_channel must be a channel id: text of 1 to 20 digits'
        when not internal.is_absent_or('object', v_new -> 'test_mode')
            or not internal.is_absent_or('boolean', v_new #> '{test_mode,enabled}')
            or not internal.is_absent_or('string', v_new #> '{test_mode,role}')
            or v_new #>> '{test_mode,role}' !~ '^[0-9]{1,20}$'
            then 'test_mode must be {enabled, role}: true or false, and a role id (text of 1 to 20 digits)'
    end;
    if v_problem is not null then
        raise exception using errcode = 'check_violation', message = v_problem, constraint = 'server_settings_are_valid';
    end if;
    return new;
end
$$;

-- The milestones' own bounds (010) look at what is new as well, so that older ones are in the way of nothing else.
create or replace function internal.validate_milestones() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_before jsonb := case when tg_op = 'UPDATE' then old.config_metadata #> '{streak,milestones}' end;
    v_new jsonb := internal.new_parts(v_before, new.config_metadata #> '{streak,milestones}');
begin
    if jsonb_path_exists(
        v_new,
        '$[*] ? (@.days > 100000 || @.days.floor() != @.days || @.reward > 1000000000)',
        silent => true -- the settings' other rules say what is no number
    ) or v_new <> '[]' and jsonb_path_exists(new.config_metadata, '$.streak.milestones[50]') then
        raise exception using
            errcode = 'check_violation',
            message = 'streak.milestones may be 50, of up to 100,000 whole days and 1,000,000,000 RSNC',
            constraint = 'server_milestones_in_range';
    end if;
    return new;
end
$$;

-- Refuse figures of a streak with which nothing could be computed.
create function internal.refuse_wrong_streak() returns trigger
language plpgsql set search_path = ''
as $$
begin
    raise exception using
        errcode = 'check_violation',
        message = 'discord_user_streaks: a streak may be 0 to 100,000 days, and its last check-in before the year 10000',
        constraint = tg_name;
end
$$;

create trigger streaks_hold_valid_figures
after insert or update of current_streak, longest_streak, last_day, last_checkin on public.discord_user_streaks
for each row when (
    new.current_streak not between 0 and 100000 or new.longest_streak not between 0 and 100000
    or isfinite(new.last_day) and new.last_day > '9999-12-31'
    or isfinite(new.last_checkin) and new.last_checkin > '9999-12-31'
)
execute function internal.refuse_wrong_streak();
