-- Change the given fields of an event; NULL keeps a field, -1 removes a limit.
-- Outcomes: event_edited {event}; event_unchanged {event}; not_allowed; server_not_connected; those of
-- internal.setting_refusal; event_not_found {event, events}.
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
    p_detection jsonb default null, -- '{}' removes the trigger
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_before public.monitoring_rules;
    v_rule public.monitoring_rules;
    v_refusal jsonb;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    v_refusal := internal.setting_refusal(p_event_type, p_cooldown_hours, p_detection);
    if v_refusal is not null then
        return internal.keep_answer(p_caller, v_refusal);
    end if;
    select * into v_before from internal.rule_to_change(v_access.server, p_event_type);
    if not found then
        return internal.keep_answer(p_caller, internal.event_not_found(v_access.server, p_event_type));
    end if;

    v_rule := v_before;
    v_rule.reward_amount := coalesce(p_reward, v_rule.reward_amount);
    v_rule.cooldown_hours := coalesce(p_cooldown_hours, v_rule.cooldown_hours);
    v_rule.max_claims_per_user := coalesce(p_max_claims, v_rule.max_claims_per_user);
    v_rule.max_total_claims := coalesce(p_max_total_claims, v_rule.max_total_claims);
    v_rule.label := coalesce(p_label, v_rule.label);
    v_rule.claimable := coalesce(p_claimable, v_rule.claimable);
    v_rule.is_enabled := coalesce(p_enabled, v_rule.is_enabled);
    v_rule.detection_config := coalesce(p_detection, v_rule.detection_config);
    if v_rule.detection_config = '{}' then
        v_rule.detection_config := null;
    end if;
    return internal.change_rule(p_caller, v_access.server, v_before, v_rule, 'event_edited');
end
$$;
