-- Close a drop whose message Discord refused to take, or to let it react to. Do nothing once a message of ours is known.
-- Outcomes: drop_not_posted.
create function public.cancel_drop_post(p_caller internal.caller, p_drop_id uuid, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
begin
    update public.discord_drops as d
    set ended_at = p_now, end_reason = 'not_posted', is_settled = true
    where drop_id = p_drop_id and server_id = p_caller.server_id and ended_at is null
        and (message_id is null or drop_type = 'reaction' and not internal.drop_has_message(d));
    if found and internal.migration_refusal('020') is null then -- no reaction of ours is there to be removed
        update public.discord_drops set is_collected = true where drop_id = p_drop_id and drop_type = 'reaction';
    end if;
    return jsonb_build_object('outcome', 'drop_not_posted');
end
$$;
