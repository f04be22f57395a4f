-- The people of the portal read the rows of their brands with their own JWT, write their brands' events, and hear of
-- changes. Takes a moment; who pays waits for it, and it for them. Nothing is scanned but drops and servers, for an index.

select internal.lock_tables(
    'discord_drops', 'discord_drop_claims', 'discord_server_configs', 'monitoring_rules', 'reward_ledger',
    'discord_user_stats', 'discord_user_streaks', 'member_earnings', 'discord_audit_log', 'brands'
);

-- Give the brands of whoever asks: app_metadata.brand_ids of the JWT, or its brand_id where it has no such list. The
-- project's programs alone write app_metadata. None, and no error, where the claims are not what they should be.
create function internal.portal_brands() returns text[]
language plpgsql stable set search_path = ''
as $$
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

-- Give the servers that are connected to a brand of whoever asks. One that was disconnected belongs to no brand.
create function internal.portal_servers() returns text[]
language sql stable security definer set search_path = ''
as $$
    select array(
        select server_id from public.discord_server_configs
        where brand_id = any ((select internal.portal_brands())::text[]) and is_active is not false
    )
$$;

-- grants.sql lets authenticated execute them: the policies do, in its name.
revoke all on function internal.portal_brands, internal.portal_servers from public, anon, authenticated, service_role;

create index servers_of_a_brand on public.discord_server_configs (brand_id);
-- A page of a server's drops, the newest first. A claim changes neither column, and stays a heap-only update.
create index drops_of_a_server on public.discord_drops (server_id, created_at);

-- What may be seen. Each list is made once a statement, because it stands in a subquery of its own; a filter by server
-- then finds its index. Nothing here says what a role may do at all: grants.sql does.
create policy portal on public.brands for select to authenticated
using (brand_id = any ((select internal.portal_brands())::text[]));

create policy portal on public.discord_server_configs for select to authenticated
using (server_id = any ((select internal.portal_servers())::text[]));

create policy portal on public.discord_user_stats for select to authenticated
using (server_id = any ((select internal.portal_servers())::text[]));

create policy portal on public.discord_user_streaks for select to authenticated
using (server_id = any ((select internal.portal_servers())::text[]));

create policy portal on public.member_earnings for select to authenticated
using (server_id = any ((select internal.portal_servers())::text[]));

create policy portal on public.discord_drops for select to authenticated
using (server_id = any ((select internal.portal_servers())::text[]));

create policy portal on public.discord_drop_claims for select to authenticated
using (exists (select from public.discord_drops as d where d.drop_id = discord_drop_claims.drop_id)); -- that may be seen

-- Also what a brand has paid on servers that have left it since.
create policy portal on public.reward_ledger for select to authenticated
using (
    server_id = any ((select internal.portal_servers())::text[])
    or brand_id = any ((select internal.portal_brands())::text[])
);

create policy portal on public.discord_audit_log for select to authenticated
using (
    server_id = any ((select internal.portal_servers())::text[])
    or server_id = '*' and brand_id = any ((select internal.portal_brands())::text[])
);

-- What is written is an event of the brand, on all its servers or on one that is connected to that brand and no other of
-- whoever writes. What of discord_server_configs may be seen is connected.
create policy portal on public.monitoring_rules for all to authenticated
using (
    brand_id = any ((select internal.portal_brands())::text[])
    and (server_id is null or server_id = any ((select internal.portal_servers())::text[]))
)
with check (
    brand_id = any ((select internal.portal_brands())::text[])
    and (server_id is null or exists (
        select from public.discord_server_configs as s
        where s.server_id = monitoring_rules.server_id and s.brand_id = monitoring_rules.brand_id
    ))
);

-- As in 012, with the rights of its owner: whoever may write settings and events is audited, and need not be able to
-- write the log. Who acts for an admin, by which interaction and when, is believed of our functions alone, which the
-- public roles cannot call: a person of the portal is the subject of their JWT, whatever settings they find a way to set.
create or replace function internal.audit_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
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

-- Supabase Realtime sends what is in its publication. Deletes go past row level security, so they carry the key alone.
-- Whether changes are sent is no reason to refuse a deploy: the doctor says what is missing.
alter table public.monitoring_rules replica identity default;
alter table public.discord_drops replica identity default;
do $$
declare
    v_table text;
begin
    if not exists (select from pg_publication where pubname = 'supabase_realtime') then
        create publication supabase_realtime;
    end if;
    for v_table in
        select name from unnest(array['monitoring_rules', 'discord_drops']) as name
        where not exists ( -- also where the publication is for all tables
            select from pg_publication_tables
            where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = name
        )
    loop
        execute format('alter publication supabase_realtime add table public.%I', v_table);
    end loop;
exception
    when insufficient_privilege then
        raise warning 'Realtime: its owner must add monitoring_rules and discord_drops to the publication supabase_realtime';
end
$$;
