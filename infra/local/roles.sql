-- The roles and grants with which every Supabase project starts, so that our migrations run here as they do there.
-- Sources: https://github.com/supabase/postgres, migrations/db/init-scripts/00000000000000-initial-schema.sql and the
-- migrations that later changed the same roles (timeouts of authenticator, roles that inherit). Safe to run again.

do $$
declare
  api_role record;
begin
  for api_role in
    select * from (values
      ('anon', 'nologin'),
      ('authenticated', 'nologin'),
      ('service_role', 'nologin bypassrls'),
      ('authenticator', 'login noinherit')
    ) as roles (name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = api_role.name) then
      execute format('create role %I %s', api_role.name, api_role.attributes);
    end if;
  end loop;
end $$;

grant anon, authenticated, service_role to authenticator;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
-- service_role has no timeout of its own: the one of the session applies, which PostgREST opens as authenticator.
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

create schema if not exists extensions;
grant usage on schema extensions to postgres, anon, authenticated, service_role;
alter role postgres set search_path = "$user", public, extensions;

-- Grant everything, as Supabase does: then a test sees a migration that forgets to revoke.
grant usage on schema public to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to postgres, anon, authenticated, service_role;
