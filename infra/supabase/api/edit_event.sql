-- Change what is given of an event; NULL leaves a thing as it is, -1 lifts a limit.
-- Outcomes: event_edited {event}; not_allowed; server_not_connected; cooldown_not_taken {event: the check-in};
-- event_not_found {event, events}.
create function public.edit_event(
    p_caller internal.caller,
    p_event_type text,
    p_reward numeric default null,
    p_cooldown_hours integer default null,
    p_max_claims integer default null,
    p_max_total_claims integer default null,
    p_label text default null,
    p_claimable boolean default null,
    p_enabled boolean default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_rule public.monitoring_rules;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    if p_event_type = 'daily_checkin' and p_cooldown_hours > 0 then
        return internal.keep_answer(
            p_caller, jsonb_build_object('outcome', 'cooldown_not_taken', 'event', p_event_type)
        );
    end if;
    select * into v_rule from internal.copy_rule_to_server(v_access.server, p_event_type);
    if not found then
        return internal.keep_answer(p_caller, internal.event_not_found(v_access.server, p_event_type));
    end if;

    update public.monitoring_rules
    set reward_amount = coalesce(p_reward, reward_amount),
        cooldown_hours = coalesce(p_cooldown_hours, cooldown_hours),
        max_claims_per_user = coalesce(p_max_claims, max_claims_per_user),
        max_total_claims = coalesce(p_max_total_claims, max_total_claims),
        label = coalesce(p_label, label),
        claimable = coalesce(p_claimable, claimable),
        is_enabled = coalesce(p_enabled, is_enabled)
    where id = v_rule.id
    returning * into v_rule;
    return internal.keep_answer(
        p_caller, jsonb_build_object('outcome', 'event_edited', 'event', internal.event_facts(v_rule))
    );
end
$$;
