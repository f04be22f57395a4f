-- The role that owns every function of ours that writes, once migration 013 is there: these run with its rights, whoever
-- calls them. Nobody logs in as it. A migration that adds a table grants it here and in itself, because triggers may use
-- it before the deploy comes here. Every deploy runs this before it loads the functions; what is there already is left
-- alone, so that no lock is taken. Commit table by table: a policy locks its table, and whoever holds one table may wait for another.
do $$
declare
    v_table record;
    v_part text;
begin
    if to_regrole('resonance') is null then
        create role resonance nologin;
    end if;
    if not pg_has_role(current_user, 'resonance', 'usage') then
        grant resonance to current_user; -- only a member may give functions to it
    end if;
    grant usage on schema public, internal to resonance;
    commit;
    for v_table in
        select * from (values
            ('discord_server_configs', 'select, insert, update, delete'),
            ('discord_user_stats', 'select, insert, update'),
            ('discord_user_streaks', 'select, insert, update'),
            ('monitoring_rules', 'select, insert, update, delete'),
            ('discord_drops', 'select, insert, update'),
            ('discord_drop_claims', 'select, insert'),
            ('reward_ledger', 'select, insert'),
            ('member_earnings', 'select, insert, update'),
            ('event_claims', 'select, insert, update'),
            ('event_totals', 'select, insert, update'),
            ('event_total_shards', 'select, insert, update'),
            ('uncounted_claims', 'select, insert, update, delete'),
            ('disabled_members', 'select, insert, update, delete'),
            ('discord_audit_log', 'select, insert'),
            ('handled_interactions', 'select, insert, update, delete'),
            ('brands', 'select, insert, update'),
            ('brand_keys', 'select, insert, update, delete'),
            ('channel_watches', 'select, insert, update, delete'),
            ('reaction_channels', 'select, insert, update, delete'),
            ('reaction_looks', 'select, insert, update, delete'),
            ('drop_reactors', 'select, insert, update, delete'),
            ('reaction_refusals', 'select, insert, update, delete'),
            ('admin_notices', 'select, insert, delete'),
            ('notified_servers', 'select, insert, update, delete'),
            ('recorded_items', 'select, insert, update, delete'),
            ('message_reactions', 'select, insert, update, delete'),
            ('voice_remainders', 'select, insert, update, delete'),
            ('registered_commands', 'select'),
            ('drop_previews', 'select, insert, update, delete')
        ) as allowed (name, privileges)
        where to_regclass('public.' || name) is not null
    loop
        execute format('grant %s on public.%I to resonance', v_table.privileges, v_table.name);
        if not exists (
            select from pg_policy where polname = 'resonance' and polrelid = ('public.' || v_table.name)::regclass
        ) then
            execute format(
                'create policy resonance on public.%I for all to resonance using (true) with check (true)', v_table.name
            );
        end if;
        commit;
    end loop;
    for v_part in -- the parts of recorded_items, which are emptied as a whole
        select inhrelid::regclass from pg_inherits where inhparent = to_regclass('public.recorded_items')
    loop
        execute format('grant truncate on %s to resonance', v_part);
    end loop;
    -- As migration 019 has it: whoever may write settings and events is audited, and need not be able to write the log.
    alter function internal.audit_change() security definer;
end
$$;
