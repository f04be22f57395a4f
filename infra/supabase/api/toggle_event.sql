-- Switch an event on or off; without p_enabled, to the other state.
-- Outcomes: event_toggled {event}; event_unchanged {event}; not_allowed; server_not_connected; event_not_found {event, events}.
create function public.toggle_event(
    p_caller internal.caller,
    p_event_type text,
    p_enabled boolean default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_before public.monitoring_rules;
    v_rule public.monitoring_rules;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    select * into v_before from internal.rule_to_change(v_access.server, p_event_type);
    if not found then
        return internal.keep_answer(p_caller, internal.event_not_found(v_access.server, p_event_type));
    end if;

    v_rule := v_before;
    v_rule.is_enabled := coalesce(p_enabled, v_rule.is_enabled is false);
    return internal.change_rule(p_caller, v_access.server, v_before, v_rule, 'event_toggled');
end
$$;
