-- Close a drop whose message Discord refused to take. Do nothing once the message is known.
-- Outcomes: drop_not_posted.
create function public.cancel_drop_post(p_caller internal.caller, p_drop_id uuid, p_now timestamptz default now())
returns jsonb
language sql volatile security definer set search_path = ''
as $$
    update public.discord_drops
    set ended_at = p_now, end_reason = 'not_posted', is_settled = true
    where drop_id = p_drop_id and server_id = p_caller.server_id and message_id is null and ended_at is null;
    select pg_catalog.jsonb_build_object('outcome', 'drop_not_posted');
$$;
