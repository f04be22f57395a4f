-- An admin's change of an event on a server: find its rule and lock it, change it, give the answer.

-- Give the rule that an admin is about to change, locked where it is the server's own; else the brand-wide one. No row if
-- there is neither.
create function internal.rule_to_change(p_server public.discord_server_configs, p_event_type text)
returns setof public.monitoring_rules rows 1
language plpgsql volatile
as $$
begin
    return query
    select * from public.monitoring_rules
    where brand_id = p_server.brand_id and server_id = p_server.server_id and event_type = p_event_type
    for update;
    if not found then
        return query select * from internal.rule(p_server.brand_id, p_server.server_id, p_event_type);
    end if;
end
$$;

-- Store an admin's change of a rule and give the answer: p_outcome {event}, or event_unchanged {event} if people would
-- read no difference. Copy a brand-wide rule to the server first: the change must not reach other servers.
create function internal.change_rule(
    p_caller internal.caller,
    p_server public.discord_server_configs, -- locked
    p_before public.monitoring_rules, -- from internal.rule_to_change
    p_after public.monitoring_rules,
    p_outcome text
) returns jsonb
language plpgsql volatile
as $$
declare
    v_rule public.monitoring_rules := p_after;
begin
    if internal.event_facts(p_after) = internal.event_facts(p_before) then
        return internal.keep_answer(
            p_caller, jsonb_build_object('outcome', 'event_unchanged', 'event', internal.event_facts(p_before))
        );
    end if;
    if p_before.server_id is null then
        select id into v_rule.id from internal.copy_rule_to_server(p_server, p_before.event_type);
        v_rule.reward_amount := round(v_rule.reward_amount, 2); -- a rule from before migration 014 may have more decimals
    end if;
    update public.monitoring_rules
    set reward_amount = v_rule.reward_amount,
        cooldown_hours = v_rule.cooldown_hours,
        max_claims_per_user = v_rule.max_claims_per_user,
        max_total_claims = v_rule.max_total_claims,
        label = v_rule.label,
        claimable = v_rule.claimable,
        is_enabled = v_rule.is_enabled,
        detection_config = v_rule.detection_config
    where id = v_rule.id
    returning * into v_rule;
    return internal.keep_answer(
        p_caller, jsonb_build_object('outcome', p_outcome, 'event', internal.event_facts(v_rule))
    );
end
$$;

-- Give the server's own rule for an event, locked, to change it. Copy the brand-wide rule to the server first where it
-- has none of its own: an admin's change must not reach other servers. No row if there is neither.
create function internal.copy_rule_to_server(p_server public.discord_server_configs, p_event_type text)
returns setof public.monitoring_rules rows 1
language plpgsql volatile
as $$
begin
    insert into public.monitoring_rules
        (id, brand_id, server_id, event_type, reward_amount, cooldown_hours, max_claims_per_user, is_enabled,
            max_total_claims, label, claimable, detection_config)
    select gen_random_uuid(), brand_id, p_server.server_id, event_type, round(reward_amount, 2), cooldown_hours,
        max_claims_per_user, is_enabled, max_total_claims, label, claimable, detection_config
    from public.monitoring_rules
    where brand_id = p_server.brand_id and server_id is null and event_type = p_event_type
    on conflict on constraint rules_once_per_event do nothing;

    return query
    select * from public.monitoring_rules
    where brand_id = p_server.brand_id and server_id = p_server.server_id and event_type = p_event_type
    for update;
end
$$;

-- Refuse what an admin cannot set on an event: cooldown_not_taken or trigger_not_taken {event: the check-in, which the
-- calendar day limits and /daily alone takes}; migration_missing {migration}; detection_invalid {field}; else NULL.
create function internal.setting_refusal(p_event_type text, p_cooldown_hours integer, p_detection jsonb) returns jsonb
language plpgsql stable
as $$
declare
    v_field text;
begin
    if p_event_type = 'daily_checkin' and p_cooldown_hours > 0 then
        return jsonb_build_object('outcome', 'cooldown_not_taken', 'event', p_event_type);
    elsif p_detection is null or p_detection = '{}' then
        return null;
    elsif p_event_type = 'daily_checkin' then
        return jsonb_build_object('outcome', 'trigger_not_taken', 'event', p_event_type);
    elsif internal.migration_refusal('021') is not null then
        return internal.migration_refusal('021');
    end if;
    select case when p_detection ? 'trigger' then field else 'trigger' end into v_field
    from internal.detection_problem(p_detection);
    return case when v_field is not null then jsonb_build_object('outcome', 'detection_invalid', 'field', v_field) end;
end
$$;
