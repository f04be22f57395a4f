-- The migrations from 008 on that this database lacks as a list of their numbers, by what each of them leaves behind.
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
            ('012', to_regclass('public.ledger_by_day') is not null)
        ) as known (migration, is_there)
        where not is_there
    );
end
$$;
