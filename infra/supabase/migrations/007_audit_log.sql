-- Every admin action, and every change to a server's settings or events whoever made it: bot, portal or SQL editor.
create table public.discord_audit_log (
    id bigint generated always as identity primary key,
    server_id text not null, -- '*' for a brand-wide rule
    brand_id text,
    actor_type text, -- 'admin' by a command; 'system' by a program or in SQL
    actor_id text, -- Discord user id, else the JWT's subject, else the role
    action text not null, -- such as 'event.updated'
    target_user_id text,
    details jsonb,
    before_state jsonb,
    after_state jsonb,
    is_test boolean default false,
    created_at timestamptz default now(),
    interaction_id text,
    constraint audit_of_a_known_actor check (actor_type in ('admin', 'bot', 'system', 'user'))
);
create index audit_of_a_server on public.discord_audit_log (server_id, id);
-- Admin functions ask here whether a redelivered interaction has been carried out before.
create index audit_of_an_interaction on public.discord_audit_log (interaction_id) where interaction_id is not null;

alter table public.discord_audit_log enable row level security;
revoke all on public.discord_audit_log from anon, authenticated, service_role;
grant select, insert on public.discord_audit_log to service_role;

create trigger audit_is_append_only
before update or delete or truncate on public.discord_audit_log
for each statement execute function internal.refuse_change();

-- Writes one audit row with the states before and after; the trigger's argument is the noun of the action.
-- Commands name their caller in the settings resonance.actor and resonance.interaction (internal.act_as).
create function internal.audit_change() returns trigger
language plpgsql set search_path = ''
as $$
declare
    v_before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_row jsonb := coalesce(v_after, v_before);
    v_admin text := nullif(current_setting('resonance.actor', true), '');
    v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
begin
    if v_before = v_after then
        return null;
    end if;
    insert into public.discord_audit_log
        (server_id, brand_id, actor_type, actor_id, action, before_state, after_state, interaction_id)
    values (
        coalesce(v_row ->> 'server_id', '*'),
        v_row ->> 'brand_id',
        case when v_admin is null then 'system' else 'admin' end,
        coalesce(v_admin, v_claims ->> 'sub', v_claims ->> 'role', session_user),
        tg_argv[0] || '.' || case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
        v_before,
        v_after,
        nullif(current_setting('resonance.interaction', true), '')
    );
    return null;
end
$$;

create trigger server_changes_are_audited
after insert or update or delete on public.discord_server_configs
for each row execute function internal.audit_change('server');

create trigger rule_changes_are_audited
after insert or update or delete on public.monitoring_rules
for each row execute function internal.audit_change('event');
