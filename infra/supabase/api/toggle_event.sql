-- Switch an event on or off; without p_enabled, to the other state.
-- Outcomes: event_toggled {event}; not_allowed; server_not_connected; event_not_found {event, events}.
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
    v_rule public.monitoring_rules;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    select * into v_rule from internal.copy_rule_to_server(v_access.server, p_event_type);
    if not found then
        return internal.keep_answer(p_caller, internal.event_not_found(v_access.server, p_event_type));
    end if;

    update public.monitoring_rules
    set is_enabled = coalesce(p_enabled, is_enabled is false)
    where id = v_rule.id
    returning * into v_rule;
    return internal.keep_answer(
        p_caller, jsonb_build_object('outcome', 'event_toggled', 'event', internal.event_facts(v_rule))
    );
end
$$;
