-- Who may do what over the API with our tables, their columns and sequences, and the functions of `internal`: the one
-- place that says it. Every deploy runs this after it has loaded the functions (which it opens to service_role itself).
-- The columns that only the functions write stand in the last column: all others can be written.
do $$
declare
    v_table record;
    v_columns text;
    v_sequence text;
begin
    for v_table in
        select * from (values
            ('discord_server_configs', 'select, insert, update, delete', null),
            ('discord_user_stats', 'select', '{rsnc_earned, rsnc_total}'),
            ('discord_user_streaks', 'select, insert, update, delete', null),
            ('monitoring_rules', 'select, insert, update, delete', null),
            ('discord_drops', 'select, delete', '{claims_count,places_issued,last_place,revision,rendered_revision,'
                'render_after,render_attempts,next_edit_at,is_own_message,watch_id,is_collected,look}'),
            ('discord_drop_claims', 'select', null),
            ('reward_ledger', 'select', null),
            ('member_earnings', 'select', null),
            ('event_claims', 'select', null),
            ('event_totals', 'select', null),
            ('event_total_shards', 'select', null),
            ('drop_places', null, null),
            ('uncounted_claims', null, null),
            ('disabled_members', 'select, insert, update, delete', null),
            ('discord_audit_log', 'select', null),
            ('handled_interactions', null, null),
            ('brands', 'select', null),
            ('brand_keys', null, null),
            ('channel_watches', 'select', null),
            ('reaction_channels', null, null),
            ('reaction_looks', null, null),
            ('drop_reactors', null, null),
            ('reaction_refusals', null, null),
            ('admin_notices', null, null),
            ('notified_servers', null, null),
            ('recorded_items', null, null),
            ('message_reactions', null, null),
            ('voice_remainders', null, null),
            ('registered_commands', 'select', null),
            ('drop_previews', null, null)
        ) as allowed (name, privileges, closed_columns)
        where to_regclass('public.' || name) is not null
    loop
        execute format('revoke all on public.%I from public, anon, authenticated, service_role', v_table.name);
        if v_table.privileges is not null then
            execute format('grant %s on public.%I to service_role', v_table.privileges, v_table.name);
        end if;
        if v_table.closed_columns is not null then
            select string_agg(quote_ident(attname), ', ') into v_columns from pg_attribute
            where attrelid = ('public.' || v_table.name)::regclass and attnum > 0 and not attisdropped
                and attname <> all (v_table.closed_columns::text[]);
            execute format(
                'grant insert (%1$s), update (%1$s) on public.%2$I to service_role', v_columns, v_table.name
            );
        end if;
        for v_sequence in -- an identity column needs no grant
            select objid::regclass from pg_depend
            where classid = 'pg_class'::regclass and refobjid = ('public.' || v_table.name)::regclass
                and deptype = 'i' and objid in (select oid from pg_class where relkind = 'S')
        loop
            execute format('revoke all on sequence %s from public, anon, authenticated, service_role', v_sequence);
        end loop;
    end loop;
    revoke all on all functions in schema internal from public, anon, authenticated;
    -- The portal's people, each of whom sees the rows of their brands (migration 019). Not what the limits of events are
    -- counted with, what remembers calls, or whom a server's admins have disabled: that is nobody's business but ours and theirs.
    if to_regprocedure('internal.portal_servers()') is not null then
        grant select on public.brands, public.discord_server_configs, public.discord_user_stats,
            public.discord_user_streaks, public.monitoring_rules, public.discord_drops, public.discord_drop_claims,
            public.reward_ledger, public.member_earnings, public.discord_audit_log to authenticated;
        grant insert, update, delete on public.monitoring_rules to authenticated;
        -- For the policies alone: authenticated cannot use the schema, and so cannot name them.
        grant execute on function internal.portal_brands, internal.portal_servers to authenticated;
    end if;
    if to_regclass('public.channel_watches') is not null then
        grant select on public.channel_watches to authenticated;
    end if;
    -- From now on claims take places (see internal.has_places): no function that knows nothing of them runs any more.
    if to_regclass('public.drop_places') is not null then
        grant select, insert, update, delete on public.drop_places to resonance;
    end if;
end
$$;
