-- What keeps the milestones of streaks in order. The tables are locked in the order in which a payment reads them.

-- Bounds that the settings' other rules (001) leave open: a milestone must be payable, and the list readable.
create function internal.validate_milestones() returns trigger
language plpgsql set search_path = ''
as $$
begin
    if jsonb_path_exists(
        new.config_metadata,
        '$.streak.milestones[*] ? (@.days > 100000 || @.days.floor() != @.days || @.reward > 1000000000)',
        silent => true -- the settings' other rules say what is no number
    ) or jsonb_path_exists(new.config_metadata, '$.streak.milestones[50]') then
        raise exception using
            errcode = 'check_violation',
            message = 'streak.milestones may be 50, of up to 100,000 whole days and 1,000,000,000 RSNC',
            constraint = 'server_milestones_in_range';
    end if;
    return new;
end
$$;

create trigger server_milestones_in_range
before insert or update of config_metadata on public.discord_server_configs
for each row execute function internal.validate_milestones();

-- event_claims has a row for each milestone that was taken, under this name: no event may get in its way.
update public.monitoring_rules set event_type = replace(event_type, ':', '_')
where event_type like 'streak\_milestone:%';
alter table public.monitoring_rules add constraint rules_leave_milestones_alone
check (event_type not like 'streak\_milestone:%');

-- Once in a lifetime, whatever else may go wrong.
create unique index ledger_pays_a_milestone_once
on public.reward_ledger (server_id, discord_user_id, reference) where source = 'milestone';
