CREATE SCHEMA internal;

CREATE SCHEMA public;

CREATE TYPE internal.caller AS (
	interaction_id text,
	server_id text,
	channel_id text,
	user_id text,
	role_ids text[],
	manages_server boolean,
	required_level integer,
	parent_ids text[],
	is_place_known boolean,
	is_pending boolean,
	timed_out_until timestamp with time zone
);

CREATE TABLE public.monitoring_rules (
    id uuid NOT NULL,
    brand_id text NOT NULL,
    event_type text NOT NULL,
    reward_amount numeric,
    cooldown_hours integer,
    max_claims_per_user integer,
    is_enabled boolean DEFAULT true,
    server_id text,
    max_total_claims integer,
    label text,
    claimable boolean DEFAULT false NOT NULL,
    detection_config jsonb,
    CONSTRAINT rules_leave_milestones_alone CHECK ((event_type !~~ 'streak\_milestone:%'::text)),
    CONSTRAINT rules_reward_in_range CHECK (((reward_amount >= (0)::numeric) AND (reward_amount <= (1000000000)::numeric)))
);

CREATE TABLE public.discord_drops (
    drop_id uuid NOT NULL,
    server_id text NOT NULL,
    event_id text NOT NULL,
    drop_type text,
    message_id text,
    channel_id text,
    emoji text,
    expires_at timestamp with time zone,
    max_claims integer,
    claims_count integer DEFAULT 0 NOT NULL,
    created_by text,
    created_at timestamp with time zone DEFAULT now(),
    reward_amount numeric,
    title text,
    label text,
    description text,
    interaction_id text,
    ended_at timestamp with time zone,
    end_reason text,
    revision integer DEFAULT 1 NOT NULL,
    rendered_revision integer DEFAULT 0 NOT NULL,
    render_after timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    render_attempts integer DEFAULT 0 NOT NULL,
    is_settled boolean DEFAULT false NOT NULL,
    reply_to text,
    brand_id text,
    places_issued integer,
    last_place integer,
    next_edit_at timestamp with time zone,
    is_own_message boolean DEFAULT false NOT NULL,
    watch_id uuid,
    is_collected boolean DEFAULT false NOT NULL,
    look jsonb,
    CONSTRAINT drops_never_overclaimed CHECK (((max_claims < 0) OR (claims_count <= max_claims)))
)
WITH (fillfactor='50');

CREATE FUNCTION internal.audit_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_is_believed boolean := current_setting('role') not in ('anon', 'authenticated');
    v_admin text := case when v_is_believed then nullif(current_setting('resonance.actor', true), '') end;
    v_interaction text := case when v_is_believed then nullif(current_setting('resonance.interaction', true), '') end;
    v_now text := case when v_is_believed then nullif(current_setting('resonance.now', true), '') end;
    v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
begin
    if v_before = v_after then
        return null;
    end if;
    insert into public.discord_audit_log
        (server_id, brand_id, actor_type, actor_id, action, before_state, after_state, interaction_id, created_at)
    select distinct on (state ->> 'server_id', case when state ->> 'server_id' is null then state ->> 'brand_id' end)
        coalesce(state ->> 'server_id', '*'),
        state ->> 'brand_id',
        case when v_admin is null then 'system' else 'admin' end,
        coalesce(v_admin, v_claims ->> 'sub', v_claims ->> 'role', session_user),
        tg_argv[0] || '.' || case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
        v_before,
        v_after,
        v_interaction,
        coalesce(v_now::timestamptz, now())
    from (values (1, v_after), (2, v_before)) as place (rank, state)
    where state is not null
    order by state ->> 'server_id', case when state ->> 'server_id' is null then state ->> 'brand_id' end, rank;
    return null;
end
$$;

CREATE TABLE public.discord_audit_log (
    id bigint NOT NULL,
    server_id text NOT NULL,
    brand_id text,
    actor_type text,
    actor_id text,
    action text NOT NULL,
    target_user_id text,
    details jsonb,
    before_state jsonb,
    after_state jsonb,
    is_test boolean DEFAULT false,
    created_at timestamp with time zone DEFAULT now(),
    interaction_id text,
    CONSTRAINT audit_of_a_known_actor CHECK ((actor_type = ANY (ARRAY['admin'::text, 'bot'::text, 'system'::text, 'user'::text])))
);

CREATE TABLE public.discord_server_configs (
    server_id text NOT NULL,
    brand_id text NOT NULL,
    server_name text,
    is_active boolean DEFAULT true,
    config_metadata jsonb
);

CREATE TABLE public.reward_ledger (
    id bigint NOT NULL,
    server_id text NOT NULL,
    brand_id text NOT NULL,
    discord_user_id text NOT NULL,
    event_type text NOT NULL,
    amount numeric NOT NULL,
    source text NOT NULL,
    reference text,
    interaction_id text,
    actor_id text NOT NULL,
    reason text,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    balance_after numeric NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    day date,
    CONSTRAINT ledger_amount_in_range CHECK (((amount >= ('-1000000000000'::bigint)::numeric) AND (amount <= ('1000000000000'::bigint)::numeric))),
    CONSTRAINT ledger_of_a_known_source CHECK ((source = ANY (ARRAY['daily'::text, 'drop'::text, 'claim'::text, 'milestone'::text, 'grant'::text, 'activity'::text, 'reversal'::text])))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.02');

CREATE FUNCTION internal.broken_ledger_rule(p_row public.reward_ledger) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
begin
    if p_row.source = 'drop' then
        perform from public.discord_drops
        where server_id = p_row.server_id
            and drop_id = case when p_row.reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_row.reference::uuid end;
        if not found and p_row.reference is not null then
            return 'ledger_pays_drops_of_its_server';
        end if;
    elsif p_row.source = 'reversal' then
        perform from public.reward_ledger
        where id = case when p_row.reference ~ '^[0-9]{1,18}$' then p_row.reference::bigint end
            and server_id = p_row.server_id and discord_user_id = p_row.discord_user_id and source <> 'reversal';
        if not found and p_row.reference is not null then
            return 'ledger_reverses_rows_of_its_member';
        end if;
    end if;
    if p_row.source = 'daily' then
        perform from public.reward_ledger
        where source = 'daily' and server_id = p_row.server_id and discord_user_id = p_row.discord_user_id
            and reference = p_row.reference;
        if found then
            return 'ledger_pays_a_day_once';
        end if;
    end if;
    if p_row.event_type = 'welcome_bonus' and p_row.source <> 'reversal' then
        perform from public.reward_ledger
        where server_id = p_row.server_id and discord_user_id = p_row.discord_user_id
            and event_type = 'welcome_bonus' and source <> 'reversal';
        if found then
            return 'ledger_welcomes_once';
        end if;
    end if;
    return null;
end
$_$;

CREATE FUNCTION internal.day_on(p_server_id text, p_at timestamp with time zone) RETURNS date
    LANGUAGE plpgsql STABLE
    AS $$
begin
    return (p_at at time zone coalesce((
        select config_metadata ->> 'timezone' from public.discord_server_configs where server_id = p_server_id
    ), 'UTC'))::date;
end
$$;

CREATE FUNCTION internal.delete_before_truncate() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    execute format('delete from %I.%I', tg_table_schema, tg_table_name);
    return null;
end
$$;

CREATE FUNCTION internal.delete_places() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    delete from public.drop_places where drop_id = old.drop_id;
    return null;
end
$$;

CREATE FUNCTION internal.detection_problem(p_config jsonb, OUT field text, OUT expected text) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
begin
    if jsonb_typeof(p_config) not in ('object', 'null') then
        field := 'detection_config';
        expected := 'be an object';
    end if;
    if jsonb_typeof(p_config) is distinct from 'object' or not p_config ? 'trigger' then
        return;
    end if;
    select coalesce(known.field, given.key), coalesce(known.expected, 'not be there, or not with this trigger')
    into field, expected
    from (values
        ('trigger', null::text[], true, 'strict $ == "message" || $ == "keyword" || $ == "reactions" || $ == "voice"
            || $ == "join" || $ == "boost"'::jsonpath, 'be message, keyword, reactions, voice, join or boost'),
        ('keywords', '{keyword}', true, 'strict $.type() == "array" && $.size() > 0 && $.size() <= 50
            && !exists($[*] ? (@.type() != "string")) && !exists($[*] ? (!(@ like_regex "^.{1,100}$" flag "s")))
            && !exists($[*] ? (!(@ like_regex "\\S")))',
            'be a list of 1 to 50 texts of 1 to 100 characters'),
        ('match', '{keyword}', false, 'strict $ == "contains" || $ == "starts" || $ == "whole"',
            'be contains, starts or whole'),
        ('min_characters', '{message,keyword}', false, 'strict $ >= 1 && $ <= 4000 && $ % 1 == 0',
            'be a whole number from 1 to 4000'),
        ('min_words', '{message,keyword}', false, 'strict $ >= 1 && $ <= 2000 && $ % 1 == 0',
            'be a whole number from 1 to 2000'),
        ('min_reactions', '{reactions}', true, 'strict $ == 3 || $ == 5 || $ == 7 || $ == 10 || $ == 15 || $ == 20
            || $ == 25', 'be 3, 5, 7, 10, 15, 20 or 25'),
        ('minutes', '{voice}', true, 'strict $ >= 1 && $ <= 1440 && $ % 1 == 0', 'be a whole number from 1 to 1440'),
        ('channels', '{message,keyword,reactions,voice}', false, 'strict $.type() == "array" && $.size() > 0
            && $.size() <= 50 && !exists($[*] ? (@.type() != "string"))
            && !exists($[*] ? (!(@ like_regex "^[0-9]{1,20}$")))', 'be a list of 1 to 50 channel ids')
    ) as known (field, triggers, is_required, condition, expected)
    full join jsonb_each(p_config) as given on given.key = known.field
    where known.field is null
        or given.key is null and known.is_required and p_config ->> 'trigger' = any (known.triggers)
        or given.key is not null and not coalesce(p_config ->> 'trigger' = any (known.triggers), known.triggers is null)
        or given.key is not null and not coalesce(given.value @@ known.condition, false)
    order by known.field is distinct from 'trigger', known.field, given.key
    limit 1;
end
$_$;

CREATE FUNCTION internal.end_drops(p_drop_ids uuid[], p_end_reason text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION internal.end_drops_of_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform pg_advisory_xact_lock(hashtextextended(old.brand_id || ' ' || old.event_type, 0));
    perform internal.end_drops(
        array(
            select d.drop_id from public.discord_drops as d
            join public.discord_server_configs as s on s.server_id = d.server_id and s.brand_id = old.brand_id
            where d.ended_at is null and d.event_id = old.event_type
                and (old.server_id is null or old.server_id = d.server_id)
                and not exists (
                    select from public.monitoring_rules as other
                    where other.brand_id = old.brand_id and other.event_type = old.event_type
                        and (other.server_id is null or other.server_id = d.server_id)
                )
        ),
        'event_deleted'
    );
    return null;
end
$$;

CREATE FUNCTION internal.end_drops_of_server() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    perform internal.end_drops(
        array(select drop_id from public.discord_drops where server_id = old.server_id and ended_at is null),
        'server_left'
    );
    return null;
end
$$;

CREATE FUNCTION internal.every_value(p_values jsonb, p_condition jsonpath) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
    select coalesce(bool_and(coalesce(pg_catalog.jsonb_path_match(value, p_condition, silent => true), false)), true)
    from pg_catalog.jsonb_path_query(p_values, case pg_catalog.jsonb_typeof(p_values)
        when 'object' then 'strict $.*'::jsonpath else 'strict $[*]'::jsonpath end) as value
$_$;

CREATE FUNCTION internal.fill_drop_brand() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_brand_id text;
begin
    select brand_id into v_brand_id from public.discord_server_configs where server_id = new.server_id for share;
    new.brand_id := coalesce(new.brand_id, v_brand_id);
    return new;
end
$$;

CREATE FUNCTION internal.fill_drop_id() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    new.drop_id := pg_catalog.gen_random_uuid();
    return new;
end
$$;

CREATE FUNCTION internal.fill_last_day() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    new.last_day := (coalesce(new.last_checkin, case when new.current_streak > 0 then 'epoch'::timestamptz end) at time zone coalesce((
        select config_metadata ->> 'timezone' from public.discord_server_configs where server_id = new.server_id
    ), 'UTC'))::date;
    return new;
end
$$;

CREATE FUNCTION internal.fill_rule_id() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    new.id := pg_catalog.gen_random_uuid();
    return new;
end
$$;

CREATE FUNCTION internal.follow_ledger() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_broken text;
begin
    insert into public.discord_user_stats as s (server_id, discord_user_id, rsnc_total, rsnc_earned)
    values (new.server_id, new.discord_user_id, new.amount, floor(new.amount))
    on conflict (server_id, discord_user_id) do update
    set rsnc_total = s.rsnc_total + excluded.rsnc_total, rsnc_earned = floor(s.rsnc_total + excluded.rsnc_total)
    returning s.rsnc_total into new.balance_after;
    new.day := coalesce(new.day, internal.day_on(new.server_id, new.created_at));

    -- A program that repeats itself with ON CONFLICT DO NOTHING runs this trigger before Postgres drops the row: then
    -- nothing may have moved. A twin is seen once it has committed: one of the same member has, now that the stats are
    -- locked; one that names another member for the interaction is waited for.
    if new.interaction_id is not null then
        perform pg_advisory_xact_lock(hashtextextended(new.interaction_id, 0));
    end if;
    perform from public.reward_ledger where server_id = new.server_id and interaction_id = new.interaction_id;
    if not found then
        if new.source = 'drop' then
            perform from public.reward_ledger
            where source = 'drop' and server_id = new.server_id and discord_user_id = new.discord_user_id
                and reference = new.reference;
        elsif new.source = 'milestone' then
            perform from public.reward_ledger
            where source = 'milestone' and server_id = new.server_id and discord_user_id = new.discord_user_id
                and reference = new.reference;
        elsif new.source = 'reversal' then
            perform from public.reward_ledger
            where source = 'reversal' and server_id = new.server_id and discord_user_id = new.discord_user_id
                and reference = new.reference;
        end if;
    end if;
    if found then
        update public.discord_user_stats
        set rsnc_total = rsnc_total - new.amount, rsnc_earned = floor(rsnc_total - new.amount)
        where server_id = new.server_id and discord_user_id = new.discord_user_id;
        return new;
    end if;

    v_broken := internal.broken_ledger_rule(new);
    if v_broken is not null then
        raise exception using
            errcode = case
                when v_broken in ('ledger_welcomes_once', 'ledger_pays_a_day_once') then 'unique_violation'
                else 'check_violation'
            end,
            message = 'a row of the ledger violates ' || v_broken,
            constraint = v_broken;
    end if;

    insert into public.member_earnings as e
        (server_id, period, discord_user_id, rsnc, claims, rsnc_since, claims_since)
    select new.server_id, internal.period(kind, new.day), new.discord_user_id, new.amount,
        (new.source <> 'reversal')::integer, case when new.amount <> 0 then new.created_at end,
        case when new.source <> 'reversal' then new.created_at end
    from unnest(array['all', 'month', 'week']) as kind
    on conflict (server_id, period, discord_user_id) do update
    set rsnc = e.rsnc + excluded.rsnc,
        claims = e.claims + excluded.claims,
        rsnc_since = greatest(e.rsnc_since, excluded.rsnc_since),
        claims_since = greatest(e.claims_since, excluded.claims_since);
    return new;
end
$$;

CREATE FUNCTION internal.is_absent_or(p_type text, p_value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
    select coalesce(pg_catalog.jsonb_typeof(p_value) = p_type, true)
$$;

CREATE FUNCTION internal.is_absent_or_by_id(p_value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
    select p_value is null or pg_catalog.jsonb_typeof(p_value) = 'object' and not exists (
        select from pg_catalog.jsonb_object_keys(p_value) as key where key !~ '^[0-9]{1,20}$'
    )
$_$;

CREATE FUNCTION internal.keep_drop_consistent() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_broken text;
begin
    if tg_op = 'UPDATE' then
        if (new.max_claims, new.expires_at, new.reward_amount, new.title, new.label, new.description, new.ended_at)
            is distinct from
            (old.max_claims, old.expires_at, old.reward_amount, old.title, old.label, old.description, old.ended_at)
        then
            new.revision := greatest(new.revision, old.revision + 1);
        end if;
        if new.ended_at is null and new.max_claims >= 0 and new.claims_count >= new.max_claims then
            new.ended_at := now();
            new.end_reason := 'sold_out';
        end if;
    end if;
    v_broken := case
        when new.drop_type not in ('button', 'reaction') then 'drops_of_a_known_type'
        when new.reward_amount not between 0 and 1000000000 then 'drops_reward_in_range'
        when (new.ended_at is null) <> (new.end_reason is null) then 'drops_end_for_a_reason'
        when new.end_reason not in (
            'expired', 'sold_out', 'ended', 'cancelled', 'message_deleted', 'not_posted', 'server_left', 'event_deleted'
        ) then 'drops_end_for_a_known_reason'
        when new.is_settled and new.ended_at is null then 'drops_settle_after_their_end'
    end;
    if v_broken is not null then
        raise exception using
            errcode = 'check_violation', message = 'a drop violates ' || v_broken, constraint = v_broken;
    end if;
    return new;
end
$$;

CREATE FUNCTION internal.keep_longest_streak() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    new.longest_streak := greatest(new.longest_streak, new.current_streak, case when tg_op = 'UPDATE' then old.longest_streak end);
    return new;
end
$$;

CREATE FUNCTION internal.lock_tables(VARIADIC p_tables text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
    v_timeout text := current_setting('lock_timeout');
    v_table text;
begin
    loop
        begin
            perform set_config('lock_timeout', '500ms', true);
            foreach v_table in array p_tables loop
                execute format('lock table public.%I in access exclusive mode', v_table);
            end loop;
            exit;
        exception
            when lock_not_available then
                perform pg_sleep(0.1);
        end;
    end loop;
    perform set_config('lock_timeout', v_timeout, true);
end
$$;

CREATE FUNCTION internal.new_parts(p_before jsonb, p_after jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION internal.note_for_admins() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_row jsonb := to_jsonb(new);
begin
    perform from public.discord_server_configs
    where server_id = new.server_id and is_active is not false and config_metadata ->> 'admin_channel' is not null;
    if found then
        insert into public.admin_notices (server_id, audit_id, drop_id, watch_id, created_at)
        values (
            new.server_id,
            case tg_argv[0] when 'audit_id' then (v_row ->> 'id')::bigint end,
            case tg_argv[0] when 'drop_id' then (v_row ->> 'drop_id')::uuid end,
            case tg_argv[0] when 'watch_id' then (v_row ->> 'watch_id')::uuid end,
            coalesce(
                (v_row ->> case tg_argv[0]
                    when 'audit_id' then 'created_at' when 'drop_id' then 'ended_at' else 'paused_at'
                end)::timestamptz,
                now()
            )
        );
    end if;
    return null;
end
$$;

CREATE FUNCTION internal.period(p_kind text, p_day date) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    select case p_kind
        when 'all' then 'all'
        when 'month' then pg_catalog.to_char(p_day, 'YYYY-MM')
        when 'week' then pg_catalog.to_char(p_day, 'IYYY-"W"IW')
    end
$$;

CREATE FUNCTION internal.portal_brands() RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
    v_limit constant integer := 1000; -- more than the header of a request can hold
    v_metadata jsonb;
    v_brands jsonb;
begin
    v_metadata := nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata';
    v_brands := case when v_metadata ? 'brand_ids' then v_metadata -> 'brand_ids'
        else jsonb_build_array(v_metadata -> 'brand_id') end;
    if jsonb_array_length(v_brands) > v_limit
        or exists (select from jsonb_array_elements(v_brands) as brand where jsonb_typeof(brand) <> 'string')
    then
        return '{}';
    end if;
    return array(select jsonb_array_elements_text(v_brands));
exception
    when data_exception or program_limit_exceeded then -- no JSON, no list, nested too deep
        return '{}';
end
$$;

CREATE FUNCTION internal.portal_servers() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    select array(
        select server_id from public.discord_server_configs
        where brand_id = any ((select internal.portal_brands())::text[]) and is_active is not false
    )
$$;

CREATE FUNCTION internal.refuse_another_key() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    raise exception using
        errcode = 'restrict_violation', message = 'a row of ' || tg_table_name || ' keeps its key', constraint = tg_name;
end
$$;

CREATE FUNCTION internal.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    raise exception using errcode = 'restrict_violation', message = tg_table_name || ' is append-only';
end
$$;

CREATE FUNCTION internal.refuse_wrong_detection() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_found record := internal.detection_problem(new.detection_config);
begin
    if v_found.field is null or tg_op = 'UPDATE' and new.detection_config = old.detection_config or exists (
        select from public.monitoring_rules
        where brand_id = new.brand_id and event_type = new.event_type and server_id is null and id <> new.id
            and detection_config = new.detection_config
    ) then
        return null;
    end if;
    raise exception using
        errcode = 'check_violation',
        message = case v_found.field when 'detection_config' then '' else 'detection_config: ' end
            || left(v_found.field, 100) || ' must ' || v_found.expected,
        constraint = tg_name;
end
$$;

CREATE FUNCTION internal.refuse_wrong_look() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
begin
    if jsonb_typeof(new.look) <> 'object' or exists (
        select from jsonb_each(new.look) as part (name, value)
        where not case name
            when 'is_titled' then jsonb_typeof(value) = 'boolean'
            when 'is_lost' then jsonb_typeof(value) = 'boolean'
            when 'colour' then case
                when jsonb_typeof(value) = 'number' then value::numeric between 0 and 16777215 and value::numeric % 1 = 0
                else false
            end
            when 'emoji' then jsonb_typeof(value) = 'string' and length(value #>> '{}') between 1 and 80
            when 'ping' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[0-9]{1,20}$'
            when 'image' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[a-z]{1,20}\.[a-z]{1,5}$'
            when 'thumbnail' then jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[a-z]{1,20}\.[a-z]{1,5}$'
            else false
        end
    ) then
        raise exception using
            errcode = 'check_violation', message = 'a drop violates ' || tg_name, constraint = tg_name;
    end if;
    return new;
end
$_$;

CREATE FUNCTION internal.refuse_wrong_streak() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
    raise exception using
        errcode = 'check_violation',
        message = 'discord_user_streaks: a streak may be 0 to 100,000 days, and its last check-in before the year 10000',
        constraint = tg_name;
end
$$;

CREATE FUNCTION internal.refuse_wrong_value() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
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
$_$;

CREATE FUNCTION internal.require_answer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
    if exists (
        select from public.handled_interactions
        where server_id = new.server_id and interaction_id = new.interaction_id and answer is null
    ) then
        raise exception using
            errcode = 'not_null_violation',
            message = 'an interaction was handled without keeping its answer',
            constraint = 'handled_interactions_have_an_answer';
    end if;
    return null;
end
$$;

CREATE FUNCTION internal.settle_places() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
    v_free integer[];
    v_kept integer;
begin
    if old.ended_at is not null then -- another program opens it again, or changes what is over: it has no places
        new.places_issued := new.claims_count;
        new.last_place := greatest(new.claims_count, (
            select max(place) from public.discord_drop_claims where drop_id = new.drop_id
        ));
        return new;
    end if;
    v_free := array(
        select place from (
            select place from public.drop_places where drop_id = new.drop_id order by place for update
        ) as free
    );
    new.claims_count := greatest(new.claims_count, new.places_issued - cardinality(v_free));
    v_kept := case
        when new.ended_at is not null then 0
        when new.max_claims >= 0 then greatest(least(new.max_claims - new.claims_count, cardinality(v_free)), 0)
        else cardinality(v_free)
    end;
    delete from public.drop_places where drop_id = new.drop_id and place = any (v_free[v_kept + 1:]);
    if found and new.ended_at is null then
        new.places_issued := new.claims_count + v_kept;
        -- Number the next places after the highest that is left.
        new.last_place := greatest(v_free[v_kept], new.places_issued, (
            select max(place) from public.discord_drop_claims where drop_id = new.drop_id
        ));
    end if;
    return new;
end
$$;

CREATE FUNCTION internal.validate_milestones() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
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
$_$;

CREATE FUNCTION internal.validate_server_settings() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
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
$_$;

CREATE TABLE public.recorded_items (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
)
PARTITION BY LIST (slot);

CREATE TABLE internal.recorded_items_0 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_1 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_10 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_11 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_2 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_3 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_4 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_5 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_6 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_7 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_8 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE internal.recorded_items_9 (
    slot smallint NOT NULL,
    server_id text NOT NULL,
    item_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE public.admin_notices (
    notice_id bigint NOT NULL,
    server_id text NOT NULL,
    audit_id bigint,
    drop_id uuid,
    watch_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notices_of_one_thing CHECK ((num_nonnulls(audit_id, drop_id, watch_id) = 1))
);

ALTER TABLE public.admin_notices ALTER COLUMN notice_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.admin_notices_notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.brand_keys (
    brand_id text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT brand_keys_are_32_bytes_in_hex CHECK ((key ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT brand_keys_of_a_known_kind CHECK ((kind = ANY (ARRAY['connect'::text, 'program'::text])))
);

CREATE TABLE public.brands (
    brand_id text NOT NULL,
    name text,
    is_active boolean DEFAULT true NOT NULL
);

CREATE TABLE public.channel_watches (
    watch_id uuid DEFAULT gen_random_uuid() NOT NULL,
    server_id text NOT NULL,
    channel_id text NOT NULL,
    event_id text NOT NULL,
    emoji text NOT NULL,
    reward_amount numeric,
    lifespan_seconds integer,
    authors text DEFAULT 'everyone'::text NOT NULL,
    author_role_id text,
    is_forum boolean DEFAULT false NOT NULL,
    last_message_id text NOT NULL,
    created_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    interaction_id text,
    stopped_at timestamp with time zone,
    paused_at timestamp with time zone,
    pause_reason text,
    CONSTRAINT watches_of_known_authors CHECK ((authors = ANY (ARRAY['everyone'::text, 'members'::text, 'bots'::text]))),
    CONSTRAINT watches_pause_for_a_known_reason CHECK ((pause_reason = ANY (ARRAY['channel_gone'::text, 'channel_closed'::text, 'no_history'::text, 'no_reactions'::text, 'emoji_unknown'::text]))),
    CONSTRAINT watches_pause_for_a_reason CHECK (((paused_at IS NULL) = (pause_reason IS NULL))),
    CONSTRAINT watches_reward_in_range CHECK (((reward_amount >= (0)::numeric) AND (reward_amount <= (1000000000)::numeric)))
);

CREATE TABLE public.disabled_members (
    server_id text NOT NULL,
    discord_user_id text NOT NULL,
    reason text,
    disabled_by text NOT NULL,
    disabled_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.discord_audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.discord_audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.discord_drop_claims (
    claim_id uuid NOT NULL,
    drop_id uuid NOT NULL,
    discord_user_id text NOT NULL,
    claimed_at timestamp with time zone DEFAULT now(),
    reward_amount numeric,
    place integer
);

CREATE TABLE public.discord_user_stats (
    server_id text NOT NULL,
    discord_user_id text NOT NULL,
    messages_count integer DEFAULT 0 NOT NULL,
    voice_minutes integer DEFAULT 0 NOT NULL,
    reactions_count integer DEFAULT 0 NOT NULL,
    rsnc_earned bigint DEFAULT 0 NOT NULL,
    rsnc_total numeric DEFAULT 0 NOT NULL,
    reactions_received integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.discord_user_streaks (
    server_id text NOT NULL,
    discord_user_id text NOT NULL,
    current_streak integer DEFAULT 0 NOT NULL,
    longest_streak integer DEFAULT 0 NOT NULL,
    last_checkin timestamp with time zone,
    last_day date
);

CREATE TABLE public.drop_places (
    drop_id uuid NOT NULL,
    place integer NOT NULL
);

CREATE TABLE public.drop_previews (
    preview_id uuid DEFAULT gen_random_uuid() NOT NULL,
    server_id text NOT NULL,
    created_by text NOT NULL,
    terms jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    drop_id uuid,
    CONSTRAINT previews_of_terms CHECK ((jsonb_typeof(terms) = 'object'::text))
);

CREATE TABLE public.drop_reactors (
    drop_id uuid NOT NULL,
    discord_user_id text NOT NULL,
    first_look integer NOT NULL,
    last_look integer NOT NULL,
    tried_look integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.event_claims (
    server_id text NOT NULL,
    discord_user_id text NOT NULL,
    event_type text NOT NULL,
    claims integer NOT NULL,
    last_claimed_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.event_total_shards (
    server_id text NOT NULL,
    event_type text NOT NULL,
    shard integer NOT NULL,
    claims bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.event_totals (
    server_id text NOT NULL,
    event_type text NOT NULL,
    claims bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.handled_interactions (
    server_id text NOT NULL,
    interaction_id text NOT NULL,
    handled_at timestamp with time zone NOT NULL,
    answer jsonb
);

CREATE TABLE public.member_earnings (
    server_id text NOT NULL,
    period text NOT NULL,
    discord_user_id text NOT NULL,
    rsnc numeric NOT NULL,
    claims integer NOT NULL,
    rsnc_since timestamp with time zone,
    claims_since timestamp with time zone
)
WITH (autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.message_reactions (
    server_id text NOT NULL,
    message_id text NOT NULL,
    discord_user_id text NOT NULL,
    emoji text NOT NULL,
    author_id text,
    is_there boolean NOT NULL,
    is_received boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.notified_servers (
    server_id text NOT NULL,
    next_at timestamp with time zone NOT NULL
);

CREATE TABLE public.reaction_channels (
    channel_id text NOT NULL,
    leased_until timestamp with time zone NOT NULL,
    next_look_at timestamp with time zone NOT NULL,
    quiet_looks integer DEFAULT 0 NOT NULL,
    refusals integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.reaction_looks (
    drop_id uuid NOT NULL,
    look integer DEFAULT 1 NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    is_super boolean DEFAULT false NOT NULL,
    after_id text DEFAULT '0'::text NOT NULL,
    normal_count integer NOT NULL,
    super_count integer NOT NULL
);

CREATE TABLE public.reaction_refusals (
    server_id text NOT NULL,
    discord_user_id text NOT NULL,
    drop_id uuid NOT NULL,
    refusal jsonb NOT NULL,
    refused_at timestamp with time zone NOT NULL
);

CREATE TABLE public.registered_commands (
    server_id text NOT NULL,
    name text NOT NULL,
    command_id text NOT NULL
);

ALTER TABLE public.reward_ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reward_ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.uncounted_claims (
    drop_id uuid NOT NULL
);

CREATE TABLE public.voice_remainders (
    server_id text NOT NULL,
    discord_user_id text NOT NULL,
    event_type text NOT NULL,
    seconds integer NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_0 FOR VALUES IN ('0');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_1 FOR VALUES IN ('1');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_10 FOR VALUES IN ('10');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_11 FOR VALUES IN ('11');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_2 FOR VALUES IN ('2');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_3 FOR VALUES IN ('3');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_4 FOR VALUES IN ('4');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_5 FOR VALUES IN ('5');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_6 FOR VALUES IN ('6');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_7 FOR VALUES IN ('7');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_8 FOR VALUES IN ('8');

ALTER TABLE ONLY public.recorded_items ATTACH PARTITION internal.recorded_items_9 FOR VALUES IN ('9');

ALTER TABLE ONLY public.recorded_items
    ADD CONSTRAINT recorded_items_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_0
    ADD CONSTRAINT recorded_items_0_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_10
    ADD CONSTRAINT recorded_items_10_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_11
    ADD CONSTRAINT recorded_items_11_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_1
    ADD CONSTRAINT recorded_items_1_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_2
    ADD CONSTRAINT recorded_items_2_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_3
    ADD CONSTRAINT recorded_items_3_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_4
    ADD CONSTRAINT recorded_items_4_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_5
    ADD CONSTRAINT recorded_items_5_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_6
    ADD CONSTRAINT recorded_items_6_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_7
    ADD CONSTRAINT recorded_items_7_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_8
    ADD CONSTRAINT recorded_items_8_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY internal.recorded_items_9
    ADD CONSTRAINT recorded_items_9_pkey PRIMARY KEY (server_id, item_id, slot);

ALTER TABLE ONLY public.admin_notices
    ADD CONSTRAINT admin_notices_pkey PRIMARY KEY (notice_id);

ALTER TABLE ONLY public.brand_keys
    ADD CONSTRAINT brand_keys_pkey PRIMARY KEY (brand_id, kind, key);

ALTER TABLE ONLY public.brands
    ADD CONSTRAINT brands_pkey PRIMARY KEY (brand_id);

ALTER TABLE ONLY public.channel_watches
    ADD CONSTRAINT channel_watches_pkey PRIMARY KEY (watch_id);

ALTER TABLE ONLY public.discord_drop_claims
    ADD CONSTRAINT claims_once_per_member UNIQUE (drop_id, discord_user_id);

ALTER TABLE ONLY public.disabled_members
    ADD CONSTRAINT disabled_members_pkey PRIMARY KEY (server_id, discord_user_id);

ALTER TABLE ONLY public.discord_audit_log
    ADD CONSTRAINT discord_audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.discord_drop_claims
    ADD CONSTRAINT discord_drop_claims_pkey PRIMARY KEY (claim_id);

ALTER TABLE ONLY public.discord_drops
    ADD CONSTRAINT discord_drops_pkey PRIMARY KEY (drop_id);

ALTER TABLE ONLY public.discord_server_configs
    ADD CONSTRAINT discord_server_configs_pkey PRIMARY KEY (server_id);

ALTER TABLE ONLY public.discord_user_stats
    ADD CONSTRAINT discord_user_stats_pkey PRIMARY KEY (server_id, discord_user_id);

ALTER TABLE ONLY public.discord_user_streaks
    ADD CONSTRAINT discord_user_streaks_pkey PRIMARY KEY (server_id, discord_user_id);

ALTER TABLE ONLY public.drop_places
    ADD CONSTRAINT drop_places_pkey PRIMARY KEY (drop_id, place);

ALTER TABLE ONLY public.drop_previews
    ADD CONSTRAINT drop_previews_pkey PRIMARY KEY (preview_id);

ALTER TABLE ONLY public.drop_reactors
    ADD CONSTRAINT drop_reactors_pkey PRIMARY KEY (drop_id, discord_user_id);

ALTER TABLE ONLY public.event_claims
    ADD CONSTRAINT event_claims_pkey PRIMARY KEY (server_id, discord_user_id, event_type);

ALTER TABLE ONLY public.event_total_shards
    ADD CONSTRAINT event_total_shards_pkey PRIMARY KEY (server_id, event_type, shard);

ALTER TABLE ONLY public.event_totals
    ADD CONSTRAINT event_totals_pkey PRIMARY KEY (server_id, event_type);

ALTER TABLE ONLY public.handled_interactions
    ADD CONSTRAINT handled_interactions_pkey PRIMARY KEY (server_id, interaction_id);

ALTER TABLE ONLY public.reward_ledger
    ADD CONSTRAINT ledger_pays_an_interaction_once UNIQUE (server_id, interaction_id);

ALTER TABLE ONLY public.member_earnings
    ADD CONSTRAINT member_earnings_pkey PRIMARY KEY (server_id, period, discord_user_id);

ALTER TABLE ONLY public.message_reactions
    ADD CONSTRAINT message_reactions_pkey PRIMARY KEY (server_id, message_id, discord_user_id, emoji);

ALTER TABLE ONLY public.monitoring_rules
    ADD CONSTRAINT monitoring_rules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notified_servers
    ADD CONSTRAINT notified_servers_pkey PRIMARY KEY (server_id);

ALTER TABLE ONLY public.reaction_channels
    ADD CONSTRAINT reaction_channels_pkey PRIMARY KEY (channel_id);

ALTER TABLE ONLY public.reaction_looks
    ADD CONSTRAINT reaction_looks_pkey PRIMARY KEY (drop_id);

ALTER TABLE ONLY public.reaction_refusals
    ADD CONSTRAINT reaction_refusals_pkey PRIMARY KEY (server_id, discord_user_id, drop_id);

ALTER TABLE ONLY public.registered_commands
    ADD CONSTRAINT registered_commands_pkey PRIMARY KEY (server_id, name);

ALTER TABLE ONLY public.reward_ledger
    ADD CONSTRAINT reward_ledger_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.monitoring_rules
    ADD CONSTRAINT rules_once_per_event UNIQUE NULLS NOT DISTINCT (brand_id, server_id, event_type);

ALTER TABLE ONLY public.voice_remainders
    ADD CONSTRAINT voice_remainders_pkey PRIMARY KEY (server_id, discord_user_id, event_type);

CREATE INDEX audit_of_a_brand ON public.discord_audit_log USING btree (brand_id, id) WHERE (server_id = '*'::text);

CREATE INDEX audit_of_a_kind ON public.discord_audit_log USING btree (server_id, split_part(action, '.'::text, 1), id);

CREATE INDEX audit_of_a_server ON public.discord_audit_log USING btree (server_id, id);

CREATE INDEX audit_of_a_target ON public.discord_audit_log USING btree (server_id, target_user_id, id) INCLUDE (action) WHERE (target_user_id IS NOT NULL);

CREATE INDEX audit_of_an_actor ON public.discord_audit_log USING btree (server_id, actor_id, id) INCLUDE (action);

CREATE INDEX audit_of_an_interaction ON public.discord_audit_log USING btree (interaction_id) WHERE (interaction_id IS NOT NULL);

CREATE INDEX drops_due ON public.discord_drops USING btree (expires_at) WHERE (ended_at IS NULL);

CREATE INDEX drops_of_a_server ON public.discord_drops USING btree (server_id, created_at);

CREATE INDEX drops_of_a_watch ON public.discord_drops USING btree (watch_id, ended_at) WHERE (watch_id IS NOT NULL);

CREATE UNIQUE INDEX drops_once_per_interaction ON public.discord_drops USING btree (server_id, interaction_id) WHERE (interaction_id IS NOT NULL);

CREATE UNIQUE INDEX drops_once_per_watched_message ON public.discord_drops USING btree (message_id) WHERE (watch_id IS NOT NULL);

CREATE INDEX drops_open ON public.discord_drops USING btree (server_id) WHERE (ended_at IS NULL);

CREATE INDEX drops_to_collect ON public.discord_drops USING btree (channel_id) WHERE ((drop_type = 'reaction'::text) AND (NOT is_collected));

CREATE INDEX drops_unsettled ON public.discord_drops USING btree (render_after) WHERE (NOT is_settled);

CREATE INDEX earnings_by_claims ON public.member_earnings USING btree (server_id, period, claims DESC, claims_since, discord_user_id) WHERE (claims > 0);

CREATE INDEX earnings_by_rsnc ON public.member_earnings USING btree (server_id, period, rsnc DESC, rsnc_since, discord_user_id) WHERE (rsnc > (0)::numeric);

CREATE INDEX handled_before ON public.handled_interactions USING btree (handled_at);

CREATE INDEX ledger_by_age ON public.reward_ledger USING btree (server_id, id);

CREATE INDEX ledger_by_day ON public.reward_ledger USING btree (server_id, day, event_type, source) INCLUDE (amount);

CREATE INDEX ledger_of_a_day ON public.reward_ledger USING btree (server_id, discord_user_id, reference) WHERE (source = 'daily'::text);

CREATE INDEX ledger_of_a_member ON public.reward_ledger USING btree (server_id, discord_user_id, id);

CREATE UNIQUE INDEX ledger_pays_a_drop_once ON public.reward_ledger USING btree (server_id, discord_user_id, reference) WHERE (source = 'drop'::text);

CREATE UNIQUE INDEX ledger_pays_a_milestone_once ON public.reward_ledger USING btree (server_id, discord_user_id, reference) WHERE (source = 'milestone'::text);

CREATE UNIQUE INDEX ledger_pays_an_item_once ON public.reward_ledger USING btree (server_id, event_type, reference, (
CASE
    WHEN (reference ~~ 'item:%'::text) THEN day
    ELSE NULL::date
END)) NULLS NOT DISTINCT WHERE ((source = 'activity'::text) AND ((reference ~~ 'item:%'::text) OR (reference ~~ 'message:%'::text)));

CREATE UNIQUE INDEX ledger_reverses_a_row_once ON public.reward_ledger USING btree (server_id, discord_user_id, reference) WHERE (source = 'reversal'::text);

CREATE INDEX ledger_without_day ON public.reward_ledger USING btree (server_id, created_at) INCLUDE (event_type, amount, source) WHERE (day IS NULL);

CREATE INDEX notices_of_a_server ON public.admin_notices USING btree (server_id, notice_id);

CREATE UNIQUE INDEX one_connect_key_of_a_brand ON public.brand_keys USING btree (brand_id) WHERE (kind = 'connect'::text);

CREATE UNIQUE INDEX one_watch_per_channel ON public.channel_watches USING btree (channel_id) WHERE (stopped_at IS NULL);

CREATE INDEX previews_by_age ON public.drop_previews USING btree (expires_at);

CREATE INDEX reaction_refusals_by_age ON public.reaction_refusals USING btree (refused_at);

CREATE INDEX reactions_by_age ON public.message_reactions USING btree (changed_at);

CREATE INDEX servers_of_a_brand ON public.discord_server_configs USING btree (brand_id);

CREATE INDEX stats_by_messages_count ON public.discord_user_stats USING btree (server_id, messages_count DESC, length(discord_user_id), discord_user_id) WHERE (messages_count > 0);

CREATE INDEX stats_by_reactions_received ON public.discord_user_stats USING btree (server_id, reactions_received DESC, length(discord_user_id), discord_user_id) WHERE (reactions_received > 0);

CREATE INDEX stats_by_voice_minutes ON public.discord_user_stats USING btree (server_id, voice_minutes DESC, length(discord_user_id), discord_user_id) WHERE (voice_minutes > 0);

CREATE INDEX streaks_alive ON public.discord_user_streaks USING btree (server_id, last_day) WHERE (current_streak > 0);

CREATE INDEX streaks_by_length ON public.discord_user_streaks USING btree (server_id, current_streak DESC, last_checkin, discord_user_id) INCLUDE (last_day) WHERE (current_streak > 0);

CREATE INDEX watches_of_a_server ON public.channel_watches USING btree (server_id);

CREATE UNIQUE INDEX watches_once_per_interaction ON public.channel_watches USING btree (server_id, interaction_id) WHERE (interaction_id IS NOT NULL);

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_0_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_10_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_11_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_1_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_2_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_3_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_4_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_5_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_6_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_7_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_8_pkey;

ALTER INDEX public.recorded_items_pkey ATTACH PARTITION internal.recorded_items_9_pkey;

CREATE TRIGGER audit_holds_valid_values AFTER INSERT ON public.discord_audit_log FOR EACH ROW WHEN (((pg_trigger_depth() = 0) AND ((new.server_id !~ '^([0-9]{1,20}|[*])$'::text) OR (new.target_user_id !~ '^[0-9]{1,20}$'::text) OR (new.interaction_id !~ '^[0-9]{1,20}$'::text)))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'target_user_id', 'interaction_id');

CREATE TRIGGER audit_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.discord_audit_log FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_change();

CREATE TRIGGER audit_is_told_to_admins AFTER INSERT ON public.discord_audit_log FOR EACH ROW WHEN ((new.action <> ALL (ARRAY['drop.created'::text, 'drop.edited'::text]))) EXECUTE FUNCTION internal.note_for_admins('audit_id');

CREATE TRIGGER channel_watches_hold_valid_values AFTER INSERT OR UPDATE ON public.channel_watches FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.channel_id !~ '^[0-9]{1,20}$'::text) OR (new.last_message_id !~ '^[0-9]{1,20}$'::text) OR (new.author_role_id !~ '^[0-9]{1,20}$'::text) OR (new.created_by !~ '^[0-9]{1,20}$'::text) OR (new.interaction_id !~ '^[0-9]{1,20}$'::text) OR (new.reward_amount <> round(new.reward_amount, 2)))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'channel_id', 'last_message_id', 'author_role_id', 'created_by', 'interaction_id', 'reward_amount');

CREATE TRIGGER claims_hold_valid_values AFTER INSERT OR UPDATE OF discord_user_id, reward_amount ON public.discord_drop_claims FOR EACH ROW WHEN (((new.discord_user_id !~ '^[0-9]{1,20}$'::text) OR (new.reward_amount <> round(new.reward_amount, 2)))) EXECUTE FUNCTION internal.refuse_wrong_value('discord_user_id', 'reward_amount');

CREATE TRIGGER disabled_members_hold_valid_values AFTER INSERT OR UPDATE OF server_id, discord_user_id, disabled_by ON public.disabled_members FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text) OR (new.disabled_by !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id', 'disabled_by');

CREATE TRIGGER drop_ends_are_told_to_admins AFTER UPDATE OF ended_at ON public.discord_drops FOR EACH ROW WHEN (((old.ended_at IS NULL) AND (new.ended_at IS NOT NULL) AND (new.end_reason <> ALL (ARRAY['ended'::text, 'cancelled'::text, 'not_posted'::text])))) EXECUTE FUNCTION internal.note_for_admins('drop_id');

CREATE TRIGGER drop_previews_hold_valid_values AFTER INSERT OR UPDATE OF server_id, created_by ON public.drop_previews FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.created_by !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'created_by');

CREATE TRIGGER drop_reactors_hold_valid_values AFTER INSERT OR UPDATE OF discord_user_id ON public.drop_reactors FOR EACH ROW WHEN ((new.discord_user_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('discord_user_id');

CREATE TRIGGER drops_end_with_the_name_of_their_event AFTER UPDATE OF brand_id, server_id, event_type ON public.monitoring_rules FOR EACH ROW WHEN ((((new.brand_id IS DISTINCT FROM old.brand_id) OR (new.server_id IS DISTINCT FROM old.server_id)) OR (new.event_type IS DISTINCT FROM old.event_type))) EXECUTE FUNCTION internal.end_drops_of_event();

CREATE TRIGGER drops_end_with_their_brand AFTER UPDATE OF server_id, brand_id, is_active ON public.discord_server_configs FOR EACH ROW WHEN (((new.server_id <> old.server_id) OR (new.brand_id <> old.brand_id) OR ((new.is_active IS FALSE) AND (old.is_active IS NOT FALSE)))) EXECUTE FUNCTION internal.end_drops_of_server();

CREATE TRIGGER drops_end_with_their_event AFTER DELETE ON public.monitoring_rules FOR EACH ROW EXECUTE FUNCTION internal.end_drops_of_event();

CREATE TRIGGER drops_end_with_their_server AFTER DELETE ON public.discord_server_configs FOR EACH ROW EXECUTE FUNCTION internal.end_drops_of_server();

CREATE TRIGGER drops_fill_brand BEFORE INSERT ON public.discord_drops FOR EACH ROW EXECUTE FUNCTION internal.fill_drop_brand();

CREATE TRIGGER drops_fill_id BEFORE INSERT ON public.discord_drops FOR EACH ROW WHEN ((new.drop_id IS NULL)) EXECUTE FUNCTION internal.fill_drop_id();

CREATE TRIGGER drops_hold_a_valid_look BEFORE INSERT OR UPDATE OF look ON public.discord_drops FOR EACH ROW WHEN ((new.look IS NOT NULL)) EXECUTE FUNCTION internal.refuse_wrong_look();

CREATE TRIGGER drops_hold_valid_values AFTER INSERT OR UPDATE OF server_id, channel_id, message_id, created_by, interaction_id, reply_to, reward_amount ON public.discord_drops FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.channel_id !~ '^[0-9]{1,20}$'::text) OR (new.message_id !~ '^[0-9]{1,20}$'::text) OR (new.created_by !~ '^[0-9]{1,20}$'::text) OR (new.interaction_id !~ '^[0-9]{1,20}$'::text) OR (new.reply_to !~ '^[0-9]{1,20}$'::text) OR (new.reward_amount <> round(new.reward_amount, 2)))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'channel_id', 'message_id', 'created_by', 'interaction_id', 'reply_to', 'reward_amount');

CREATE TRIGGER drops_keep_their_server BEFORE UPDATE OF drop_id, server_id, brand_id ON public.discord_drops FOR EACH ROW WHEN (((new.drop_id <> old.drop_id) OR (new.server_id <> old.server_id) OR ((old.brand_id IS NOT NULL) AND (new.brand_id IS DISTINCT FROM old.brand_id)))) EXECUTE FUNCTION internal.refuse_another_key();

CREATE TRIGGER drops_settle_their_places BEFORE UPDATE OF max_claims, ended_at ON public.discord_drops FOR EACH ROW WHEN (((new.places_issued IS NOT NULL) AND (((new.ended_at IS NULL) <> (old.ended_at IS NULL)) OR (new.max_claims IS DISTINCT FROM old.max_claims)))) EXECUTE FUNCTION internal.settle_places();

CREATE TRIGGER drops_stay_consistent BEFORE INSERT OR UPDATE OF drop_type, max_claims, expires_at, reward_amount, title, label, description, ended_at, end_reason, is_settled ON public.discord_drops FOR EACH ROW EXECUTE FUNCTION internal.keep_drop_consistent();

CREATE TRIGGER drops_take_their_places_along AFTER DELETE ON public.discord_drops FOR EACH ROW WHEN ((old.places_issued IS NOT NULL)) EXECUTE FUNCTION internal.delete_places();

CREATE TRIGGER earnings_hold_valid_values AFTER INSERT OR UPDATE OF server_id, discord_user_id ON public.member_earnings FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id');

CREATE TRIGGER event_claims_hold_valid_values AFTER INSERT OR UPDATE OF server_id, discord_user_id ON public.event_claims FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id');

CREATE TRIGGER event_total_shards_hold_valid_values AFTER INSERT OR UPDATE OF server_id ON public.event_total_shards FOR EACH ROW WHEN ((new.server_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('server_id');

CREATE TRIGGER event_totals_hold_valid_values AFTER INSERT OR UPDATE OF server_id ON public.event_totals FOR EACH ROW WHEN ((new.server_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('server_id');

CREATE CONSTRAINT TRIGGER handled_interactions_have_an_answer AFTER INSERT ON public.handled_interactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION internal.require_answer();

CREATE TRIGGER handled_interactions_hold_valid_values AFTER INSERT OR UPDATE OF server_id, interaction_id ON public.handled_interactions FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.interaction_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'interaction_id');

CREATE TRIGGER ledger_holds_valid_values BEFORE INSERT OR UPDATE OF server_id, discord_user_id, interaction_id, amount ON public.reward_ledger FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text) OR (new.interaction_id !~ '^[0-9]{1,20}$'::text) OR (new.amount <> round(new.amount, 2)))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id', 'interaction_id', 'amount');

CREATE TRIGGER ledger_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.reward_ledger FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_change();

CREATE TRIGGER message_reactions_hold_valid_values AFTER INSERT OR UPDATE OF server_id, message_id, discord_user_id, author_id ON public.message_reactions FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.message_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text) OR (new.author_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'message_id', 'discord_user_id', 'author_id');

CREATE TRIGGER notices_hold_valid_values AFTER INSERT OR UPDATE OF server_id ON public.admin_notices FOR EACH ROW WHEN ((new.server_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('server_id');

CREATE TRIGGER notified_servers_hold_valid_values AFTER INSERT OR UPDATE OF server_id ON public.notified_servers FOR EACH ROW WHEN ((new.server_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('server_id');

CREATE TRIGGER reaction_channels_hold_valid_values AFTER INSERT OR UPDATE OF channel_id ON public.reaction_channels FOR EACH ROW WHEN ((new.channel_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('channel_id');

CREATE TRIGGER reaction_refusals_hold_valid_values AFTER INSERT OR UPDATE OF server_id, discord_user_id ON public.reaction_refusals FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id');

CREATE TRIGGER recorded_items_hold_valid_values AFTER INSERT OR UPDATE ON public.recorded_items FOR EACH ROW WHEN ((new.server_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('server_id');

CREATE TRIGGER rule_changes_are_audited AFTER INSERT OR DELETE OR UPDATE ON public.monitoring_rules FOR EACH ROW EXECUTE FUNCTION internal.audit_change('event');

CREATE TRIGGER rule_changes_are_audited_on_truncate BEFORE TRUNCATE ON public.monitoring_rules FOR EACH STATEMENT EXECUTE FUNCTION internal.delete_before_truncate();

CREATE TRIGGER rules_detect_what_can_be AFTER INSERT OR UPDATE OF detection_config ON public.monitoring_rules FOR EACH ROW WHEN ((new.detection_config IS NOT NULL)) EXECUTE FUNCTION internal.refuse_wrong_detection();

CREATE TRIGGER rules_fill_id BEFORE INSERT ON public.monitoring_rules FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION internal.fill_rule_id();

CREATE TRIGGER rules_hold_valid_values AFTER INSERT OR UPDATE OF server_id, reward_amount ON public.monitoring_rules FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.reward_amount <> round(new.reward_amount, 2)))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'reward_amount');

CREATE TRIGGER server_changes_are_audited AFTER INSERT OR DELETE OR UPDATE ON public.discord_server_configs FOR EACH ROW EXECUTE FUNCTION internal.audit_change('server');

CREATE TRIGGER server_changes_are_audited_on_truncate BEFORE TRUNCATE ON public.discord_server_configs FOR EACH STATEMENT EXECUTE FUNCTION internal.delete_before_truncate();

CREATE TRIGGER server_milestones_in_range BEFORE INSERT OR UPDATE OF config_metadata ON public.discord_server_configs FOR EACH ROW EXECUTE FUNCTION internal.validate_milestones();

CREATE TRIGGER server_settings_are_valid BEFORE INSERT OR UPDATE OF config_metadata ON public.discord_server_configs FOR EACH ROW EXECUTE FUNCTION internal.validate_server_settings();

CREATE TRIGGER servers_hold_valid_values AFTER INSERT OR UPDATE OF server_id ON public.discord_server_configs FOR EACH ROW WHEN ((new.server_id !~ '^[0-9]{1,20}$'::text)) EXECUTE FUNCTION internal.refuse_wrong_value('server_id');

CREATE TRIGGER stats_follow_the_ledger BEFORE INSERT ON public.reward_ledger FOR EACH ROW EXECUTE FUNCTION internal.follow_ledger();

CREATE TRIGGER stats_hold_valid_values AFTER INSERT OR UPDATE OF server_id, discord_user_id ON public.discord_user_stats FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id');

CREATE TRIGGER stats_keep_their_member BEFORE UPDATE OF server_id, discord_user_id ON public.discord_user_stats FOR EACH ROW WHEN (((new.server_id <> old.server_id) OR (new.discord_user_id <> old.discord_user_id))) EXECUTE FUNCTION internal.refuse_another_key();

CREATE TRIGGER streaks_fill_last_day_on_insert BEFORE INSERT ON public.discord_user_streaks FOR EACH ROW WHEN ((new.last_day IS NULL)) EXECUTE FUNCTION internal.fill_last_day();

CREATE TRIGGER streaks_fill_last_day_on_update BEFORE UPDATE OF last_checkin, current_streak ON public.discord_user_streaks FOR EACH ROW WHEN ((((new.last_checkin IS DISTINCT FROM old.last_checkin) AND (NOT (new.last_day IS DISTINCT FROM old.last_day))) OR ((new.last_day IS NULL) AND (new.current_streak > 0)))) EXECUTE FUNCTION internal.fill_last_day();

CREATE TRIGGER streaks_hold_valid_figures AFTER INSERT OR UPDATE OF current_streak, longest_streak, last_day, last_checkin ON public.discord_user_streaks FOR EACH ROW WHEN ((((new.current_streak < 0) OR (new.current_streak > 100000)) OR ((new.longest_streak < 0) OR (new.longest_streak > 100000)) OR (isfinite(new.last_day) AND (new.last_day > '9999-12-31'::date)) OR (isfinite(new.last_checkin) AND (new.last_checkin > '9999-12-31 00:00:00+00'::timestamp with time zone)))) EXECUTE FUNCTION internal.refuse_wrong_streak();

CREATE TRIGGER streaks_hold_valid_values AFTER INSERT OR UPDATE OF server_id, discord_user_id ON public.discord_user_streaks FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id');

CREATE TRIGGER streaks_keep_longest_on_insert BEFORE INSERT ON public.discord_user_streaks FOR EACH ROW WHEN ((new.longest_streak < new.current_streak)) EXECUTE FUNCTION internal.keep_longest_streak();

CREATE TRIGGER streaks_keep_longest_on_update BEFORE UPDATE ON public.discord_user_streaks FOR EACH ROW WHEN (((new.longest_streak < new.current_streak) OR (new.longest_streak < old.longest_streak))) EXECUTE FUNCTION internal.keep_longest_streak();

CREATE TRIGGER voice_remainders_hold_valid_values AFTER INSERT OR UPDATE OF server_id, discord_user_id ON public.voice_remainders FOR EACH ROW WHEN (((new.server_id !~ '^[0-9]{1,20}$'::text) OR (new.discord_user_id !~ '^[0-9]{1,20}$'::text))) EXECUTE FUNCTION internal.refuse_wrong_value('server_id', 'discord_user_id');

CREATE TRIGGER watch_pauses_are_told_to_admins AFTER UPDATE OF paused_at ON public.channel_watches FOR EACH ROW WHEN (((old.paused_at IS NULL) AND (new.paused_at IS NOT NULL))) EXECUTE FUNCTION internal.note_for_admins('watch_id');

ALTER TABLE ONLY public.brand_keys
    ADD CONSTRAINT brand_keys_of_a_known_brand FOREIGN KEY (brand_id) REFERENCES public.brands(brand_id);

ALTER TABLE ONLY public.discord_drop_claims
    ADD CONSTRAINT claims_of_a_drop FOREIGN KEY (drop_id) REFERENCES public.discord_drops(drop_id);

ALTER TABLE ONLY public.reaction_looks
    ADD CONSTRAINT looks_of_a_drop FOREIGN KEY (drop_id) REFERENCES public.discord_drops(drop_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.drop_reactors
    ADD CONSTRAINT reactors_of_a_drop FOREIGN KEY (drop_id) REFERENCES public.discord_drops(drop_id) ON DELETE CASCADE;

ALTER TABLE internal.recorded_items_0 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_1 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_10 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_11 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_2 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_3 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_4 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_5 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_6 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_7 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_8 ENABLE ROW LEVEL SECURITY;

ALTER TABLE internal.recorded_items_9 ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.admin_notices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.brand_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.brands ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.channel_watches ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.disabled_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.discord_audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.discord_drop_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.discord_drops ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.discord_server_configs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.discord_user_stats ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.discord_user_streaks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.drop_places ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.drop_previews ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.drop_reactors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_total_shards ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.event_totals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.handled_interactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.member_earnings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.message_reactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.monitoring_rules ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notified_servers ENABLE ROW LEVEL SECURITY;

CREATE POLICY portal ON public.brands FOR SELECT TO authenticated USING ((brand_id = ANY (( SELECT internal.portal_brands() AS portal_brands)::text[])));

CREATE POLICY portal ON public.channel_watches FOR SELECT TO authenticated USING ((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])));

CREATE POLICY portal ON public.discord_audit_log FOR SELECT TO authenticated USING (((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])) OR ((server_id = '*'::text) AND (brand_id = ANY (( SELECT internal.portal_brands() AS portal_brands)::text[])))));

CREATE POLICY portal ON public.discord_drop_claims FOR SELECT TO authenticated USING ((EXISTS ( SELECT
   FROM public.discord_drops d
  WHERE (d.drop_id = discord_drop_claims.drop_id))));

CREATE POLICY portal ON public.discord_drops FOR SELECT TO authenticated USING ((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])));

CREATE POLICY portal ON public.discord_server_configs FOR SELECT TO authenticated USING ((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])));

CREATE POLICY portal ON public.discord_user_stats FOR SELECT TO authenticated USING ((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])));

CREATE POLICY portal ON public.discord_user_streaks FOR SELECT TO authenticated USING ((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])));

CREATE POLICY portal ON public.member_earnings FOR SELECT TO authenticated USING ((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])));

CREATE POLICY portal ON public.monitoring_rules TO authenticated USING (((brand_id = ANY (( SELECT internal.portal_brands() AS portal_brands)::text[])) AND ((server_id IS NULL) OR (server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[]))))) WITH CHECK (((brand_id = ANY (( SELECT internal.portal_brands() AS portal_brands)::text[])) AND ((server_id IS NULL) OR (EXISTS ( SELECT
   FROM public.discord_server_configs s
  WHERE ((s.server_id = monitoring_rules.server_id) AND (s.brand_id = monitoring_rules.brand_id)))))));

CREATE POLICY portal ON public.reward_ledger FOR SELECT TO authenticated USING (((server_id = ANY (( SELECT internal.portal_servers() AS portal_servers)::text[])) OR (brand_id = ANY (( SELECT internal.portal_brands() AS portal_brands)::text[]))));

ALTER TABLE public.reaction_channels ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reaction_looks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reaction_refusals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.recorded_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.registered_commands ENABLE ROW LEVEL SECURITY;

CREATE POLICY resonance ON public.admin_notices TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.brand_keys TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.brands TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.channel_watches TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.disabled_members TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.discord_audit_log TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.discord_drop_claims TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.discord_drops TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.discord_server_configs TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.discord_user_stats TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.discord_user_streaks TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.drop_places TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.drop_previews TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.drop_reactors TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.event_claims TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.event_total_shards TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.event_totals TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.handled_interactions TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.member_earnings TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.message_reactions TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.monitoring_rules TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.notified_servers TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.reaction_channels TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.reaction_looks TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.reaction_refusals TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.recorded_items TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.registered_commands TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.reward_ledger TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.uncounted_claims TO resonance USING (true) WITH CHECK (true);

CREATE POLICY resonance ON public.voice_remainders TO resonance USING (true) WITH CHECK (true);

ALTER TABLE public.reward_ledger ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.uncounted_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.voice_remainders ENABLE ROW LEVEL SECURITY;
