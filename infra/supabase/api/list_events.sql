-- List the events that hold on a server, for an admin.
-- Outcomes: events {events}; not_allowed; server_not_connected.
create function public.list_events(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    return coalesce(
        v_access.refusal, jsonb_build_object('outcome', 'events', 'events', internal.events_of(v_access.server))
    );
end
$$;
