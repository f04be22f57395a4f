-- Pause a member's rewards on a server: every command that pays tells them so, with the reason. Change the reason of a
-- member who is disabled already.
-- Outcomes: member_is_disabled {member_id, reason}; member_already_disabled {member_id, reason, since, by}; not_allowed;
-- server_not_connected.
create function public.disable_member(
    p_caller internal.caller,
    p_member_id text,
    p_reason text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_before public.disabled_members;
    v_after public.disabled_members;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;

    select * into v_before from public.disabled_members
    where server_id = p_caller.server_id and discord_user_id = p_member_id;
    if v_before.reason = p_reason then
        return internal.keep_answer(p_caller, jsonb_build_object(
            'outcome', 'member_already_disabled',
            'member_id', p_member_id,
            'reason', p_reason,
            'since', v_before.disabled_at,
            'by', v_before.disabled_by
        ));
    end if;
    insert into public.disabled_members as m (server_id, discord_user_id, reason, disabled_by, disabled_at)
    values (p_caller.server_id, p_member_id, p_reason, p_caller.user_id, p_now)
    on conflict (server_id, discord_user_id) do update
    set reason = excluded.reason, disabled_by = excluded.disabled_by -- keep the first disabled_at
    returning * into v_after;
    perform internal.log_action(
        p_caller, (v_access.server).brand_id, 'member.disabled',
        case when v_before.server_id is not null then to_jsonb(v_before) end, to_jsonb(v_after), p_now, p_member_id
    );
    return internal.keep_answer(
        p_caller, jsonb_build_object('outcome', 'member_is_disabled', 'member_id', p_member_id, 'reason', p_reason)
    );
end
$$;
