-- The migrations that a database may still lack.

-- Give the numbers of the missing migrations from 008 on as a list, by what each of them leaves behind.
create function internal.missing_migrations() returns jsonb
language plpgsql stable
as $$
begin
    return (
        select coalesce(jsonb_agg(migration order by migration), '[]')
        from (values
            ('008', exists (
                select from pg_attribute
                where attrelid = 'public.discord_user_stats'::regclass and attname = 'reactions_received'
            )),
            ('009', to_regclass('public.member_earnings') is not null),
            ('010', to_regclass('public.ledger_pays_a_milestone_once') is not null),
            ('011', to_regclass('public.ledger_reverses_a_row_once') is not null),
            ('012', to_regclass('public.ledger_by_day') is not null),
            ('013', to_regprocedure('internal.broken_ledger_rule(public.reward_ledger)') is not null),
            ('014', to_regprocedure('internal.refuse_wrong_value()') is not null),
            ('015', to_regclass('public.handled_interactions') is not null),
            ('016', exists (
                select from pg_attribute
                where attrelid = (select typrelid from pg_type where oid = 'internal.caller'::regtype)
                    and attname = 'parent_ids'
            )),
            ('017', to_regclass('public.drop_places') is not null),
            ('018', to_regclass('public.brand_keys') is not null),
            ('019', to_regprocedure('internal.portal_servers()') is not null),
            ('020', to_regclass('public.channel_watches') is not null),
            ('021', to_regclass('public.recorded_items') is not null),
            ('022', to_regclass('public.registered_commands') is not null),
            ('023', to_regclass('public.admin_notices') is not null),
            ('024', to_regclass('public.drop_previews') is not null),
            ('025', to_regclass('public.drops_of_a_watch') is not null)
        ) as known (migration, is_there)
        where not is_there
    );
end
$$;

-- Refuse what needs a migration that is missing: migration_missing {migration}, else NULL.
create function internal.migration_refusal(p_migration text) returns jsonb
language plpgsql stable
as $$
begin
    if internal.missing_migrations() ? p_migration then
        return jsonb_build_object('outcome', 'migration_missing', 'migration', p_migration);
    end if;
    return null;
end
$$;
