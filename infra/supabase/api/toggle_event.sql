-- Switch an event on or off; without p_enabled, to the other state.
-- Outcomes: event_toggled {event}; event_unchanged {event}; not_allowed; server_not_connected; event_not_found {event, events}.
create function public.toggle_event(
    p_caller internal.caller,
    p_event_type text,
    p_enabled boolean default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_access record;
    v_before public.monitoring_rules;
    v_rule public.monitoring_rules;
begin
    select * into v_access from internal.authorize_admin_with_lock(p_caller); -- see edit_event
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    select * into v_before from internal.rule_to_change(v_access.server, p_event_type);
    if not found then
        return internal.event_not_found(v_access.server, p_event_type);
    elsif internal.has_done(p_caller, 'event.updated') then
        return jsonb_build_object('outcome', 'event_toggled', 'event', internal.event_facts(v_before));
    end if;

    v_rule := v_before;
    v_rule.is_enabled := coalesce(p_enabled, v_rule.is_enabled is false);
    return internal.change_rule(p_caller, v_access.server, v_before, v_rule, 'event_toggled', p_now);
end
$$;
