-- The events that hold on a server, for an admin. Outcomes: events {events}; not_allowed; server_not_connected.
create function public.list_events(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_open record;
begin
    select * into v_open from internal.open_server(p_caller);
    return coalesce(v_open.refusal, jsonb_build_object('outcome', 'events', 'events', internal.events_of(v_open.server)));
end
$$;
