-- What admins' commands write and read. Payments wait while this runs, some ten seconds for a million ledger rows.

-- TRUNCATE fires no trigger of a row: every row is deleted before, which is told row by row. First, because a change of
-- settings or events holds its table before it writes the audit log: the other way round the two would deadlock.
create function internal.delete_before_truncate() returns trigger
language plpgsql set search_path = ''
as $$
begin
    execute format('delete from %I.%I', tg_table_schema, tg_table_name);
    return null;
end
$$;

create trigger server_changes_are_audited_on_truncate
before truncate on public.discord_server_configs
for each statement execute function internal.delete_before_truncate();

create trigger rule_changes_are_audited_on_truncate
before truncate on public.monitoring_rules
for each statement execute function internal.delete_before_truncate();

alter table public.discord_drops add column reply_to text; -- the message that the drop's own message answers

-- A server's ledger by day, for the sums of /stats, in the order in which they group it; and the newest rows first, for
-- /export. The sums read the index alone as far as pages are vacuumed, and those of a week are the newest: so autovacuum
-- comes early.
create index ledger_by_day on public.reward_ledger (server_id, day, event_type, source) include (amount);
create index ledger_by_age on public.reward_ledger (server_id, id);
alter table public.reward_ledger set (autovacuum_vacuum_insert_scale_factor = 0.02);
-- The rows from before 009, which have no day. No new row comes in.
create index ledger_without_day on public.reward_ledger (server_id, created_at) include (event_type, amount, source)
where day is null;

-- What somebody did, what was done to somebody, changes of a kind (the noun of the action), and those of one brand's rules
-- among all that stand under '*'.
create index audit_of_an_actor on public.discord_audit_log (server_id, actor_id, id) include (action);
create index audit_of_a_target on public.discord_audit_log (server_id, target_user_id, id) include (action)
where target_user_id is not null;
create index audit_of_a_kind on public.discord_audit_log (server_id, split_part(action, '.', 1), id);
create index audit_of_a_brand on public.discord_audit_log (brand_id, id) where server_id = '*';

-- Writes one audit row with the states before and after (see 007); a row that moves to another server, or from the brand
-- to a server, is told in both places.
create or replace function internal.audit_change() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_admin text := nullif(current_setting('resonance.actor', true), '');
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
        nullif(current_setting('resonance.interaction', true), ''),
        coalesce(nullif(current_setting('resonance.now', true), '')::timestamptz, now())
    from (values (1, v_after), (2, v_before)) as place (rank, state)
    where state is not null
    order by state ->> 'server_id', case when state ->> 'server_id' is null then state ->> 'brand_id' end, rank;
    return null;
end
$$;
