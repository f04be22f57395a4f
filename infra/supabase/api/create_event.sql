-- Create an event of a server. Limits: NULL or -1 is none.
-- Outcomes: event_created {event}; not_allowed; server_not_connected; those of internal.setting_refusal; event_exists
-- {event}.
create function public.create_event(
    p_caller internal.caller,
    p_event_type text,
    p_reward numeric,
    p_cooldown_hours integer default null,
    p_max_claims integer default null,
    p_max_total_claims integer default null,
    p_label text default null,
    p_claimable boolean default false,
    p_enabled boolean default true,
    p_detection jsonb default null, -- what makes it pay by itself, see migration 021
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_rule public.monitoring_rules;
    v_refusal jsonb;
    v_is_new boolean;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    v_refusal := internal.setting_refusal(p_event_type, p_cooldown_hours, p_detection);
    if v_refusal is not null then
        return internal.keep_answer(p_caller, v_refusal);
    end if;

    insert into public.monitoring_rules
        (id, brand_id, server_id, event_type, reward_amount, cooldown_hours, max_claims_per_user, max_total_claims,
            label, claimable, is_enabled, detection_config)
    values
        (gen_random_uuid(), (v_access.server).brand_id, p_caller.server_id, p_event_type, p_reward, p_cooldown_hours,
            p_max_claims, p_max_total_claims, p_label, coalesce(p_claimable, false), coalesce(p_enabled, true),
            nullif(p_detection, '{}'))
    on conflict on constraint rules_once_per_event do nothing;
    v_is_new := found;

    select * into v_rule from internal.rule((v_access.server).brand_id, p_caller.server_id, p_event_type);
    return internal.keep_answer(p_caller, jsonb_build_object(
        'outcome', case when v_is_new then 'event_created' else 'event_exists' end,
        'event', internal.event_facts(v_rule)
    ));
end
$$;
