-- The foundation: who may do what by default, and the table that links a Discord server to a brand.

-- Postgres lets everybody execute a new function and Supabase grants new tables to its public roles. Nothing here is
-- for them. The form without IN SCHEMA is meant: per-schema revokes cannot take back what is granted globally.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;

-- What the api functions share. PostgREST does not expose it.
create schema internal;
grant usage on schema internal to service_role;

-- The facts about who acts that Discord signed: the first argument of every function that answers an interaction.
create type internal.caller as (
    interaction_id text,
    server_id text,
    channel_id text,
    user_id text,
    role_ids text[],
    manages_server boolean, -- has ADMINISTRATOR or MANAGE_GUILD
    required_level integer -- what the command declares: 1 viewer to 4 full admin, NULL for members' commands
);

create table public.discord_server_configs (
    server_id text primary key,
    brand_id text not null,
    server_name text,
    is_active boolean default true,
    config_metadata jsonb
);
alter table public.discord_server_configs enable row level security;
revoke all on public.discord_server_configs from anon, authenticated, service_role;
grant select, insert, update, delete on public.discord_server_configs to service_role;

-- True if every value of a JSON array or object meets a condition. An absent list has no value that fails.
create function internal.every_value(p_values jsonb, p_condition jsonpath) returns boolean
language sql immutable set search_path = ''
as $$
    select coalesce(bool_and(coalesce(pg_catalog.jsonb_path_match(value, p_condition, silent => true), false)), true)
    from pg_catalog.jsonb_path_query(p_values, case pg_catalog.jsonb_typeof(p_values)
        when 'object' then 'strict $.*'::jsonpath else 'strict $[*]'::jsonpath end) as value
$$;

-- True if a JSON value is absent or of the type.
create function internal.is_absent_or(p_type text, p_value jsonb) returns boolean
language sql immutable set search_path = ''
as $$
    select coalesce(pg_catalog.jsonb_typeof(p_value) = p_type, true)
$$;

grant execute on function internal.every_value, internal.is_absent_or to service_role; -- the trigger runs as the writer

-- Raises check_violation with a sentence when the settings of a server are not what every reader may rely on.
-- A trigger rather than a CHECK: time zone names are data of the Postgres at hand, so the answer is not immutable.
create function internal.validate_server_settings() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_settings jsonb := coalesce(new.config_metadata, '{}');
    v_streak jsonb := v_settings -> 'streak';
    v_problem text;
begin
    v_problem := case
        when jsonb_typeof(v_settings) <> 'object' then 'config_metadata must be an object'
        when v_settings ? 'timezone' and not exists (
            select from pg_catalog.pg_timezone_names where name = v_settings ->> 'timezone'
        ) then 'timezone must be an IANA name such as Europe/Berlin'
        when not internal.is_absent_or('object', v_streak) then 'streak must be an object'
        when not internal.is_absent_or('number', v_streak -> 'grace_hours')
            or not coalesce((v_streak ->> 'grace_hours')::numeric between 1 and 72, true)
            or (v_streak ->> 'grace_hours')::numeric % 1 <> 0
            then 'streak.grace_hours must be a whole number from 1 to 72'
        when not internal.is_absent_or('array', v_streak -> 'tiers')
            or not internal.every_value(
                v_streak -> 'tiers',
                '$.type() == "object" && $.days.type() == "number" && $.days >= 1
                 && $.multiplier.type() == "number" && $.multiplier >= 1 && $.multiplier <= 5'
            )
            then 'streak.tiers must be a list of {days, multiplier}, the multiplier from 1.0 to 5.0'
        when not internal.is_absent_or('array', v_streak -> 'milestones')
            or not internal.every_value(
                v_streak -> 'milestones',
                '$.type() == "object" && $.days.type() == "number" && $.days >= 1
                 && $.reward.type() == "number" && $.reward >= 0'
            )
            then 'streak.milestones must be a list of {days, reward}'
        when not internal.is_absent_or('object', v_settings -> 'admin_roles')
            or not internal.every_value(
                v_settings -> 'admin_roles', '$.type() == "number" && ($ == 1 || $ == 2 || $ == 3 || $ == 4)'
            )
            then 'admin_roles must map role ids to levels from 1 to 4'
        when not internal.is_absent_or('object', v_settings -> 'role_bonuses')
            or not internal.every_value(
                v_settings -> 'role_bonuses',
                '$.type() == "object"
                 && (!exists($.multiplier)
                     || $.multiplier.type() == "number" && $.multiplier >= 1 && $.multiplier <= 5)
                 && (!exists($.flat) || $.flat.type() == "number" && $.flat >= 0 && $.flat <= 1000)'
            )
            then 'role_bonuses must map role ids to {multiplier, flat}: 1.0 to 5.0 and 0 to 1,000 RSNC'
        when not internal.is_absent_or('array', v_settings -> 'excluded_channels')
            or not internal.every_value(v_settings -> 'excluded_channels', '$.type() == "string"')
            then 'excluded_channels must be a list of channel ids'
        when not internal.is_absent_or('object', v_settings -> 'test_mode')
            or not internal.is_absent_or('boolean', v_settings #> '{test_mode,enabled}')
            or not internal.is_absent_or('string', v_settings #> '{test_mode,role}')
            then 'test_mode must be {enabled, role}'
    end;
    if v_problem is not null then
        raise exception using errcode = 'check_violation', message = v_problem, constraint = 'server_settings_are_valid';
    end if;
    return new;
end
$$;

create trigger server_settings_are_valid
before insert or update of config_metadata on public.discord_server_configs
for each row execute function internal.validate_server_settings();
