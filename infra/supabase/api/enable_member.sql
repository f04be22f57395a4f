-- Let a member earn again.
-- Outcomes: member_is_enabled {member_id}; not_allowed; server_not_connected; member_not_disabled {member_id}.
create function public.enable_member(p_caller internal.caller, p_member_id text, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_before public.disabled_members;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;

    delete from public.disabled_members
    where server_id = p_caller.server_id and discord_user_id = p_member_id
    returning * into v_before;
    if not found then
        return internal.keep_answer(
            p_caller, jsonb_build_object('outcome', 'member_not_disabled', 'member_id', p_member_id)
        );
    end if;
    perform internal.log_action(
        p_caller, (v_access.server).brand_id, 'member.enabled', to_jsonb(v_before), null, p_now, p_member_id
    );
    return internal.keep_answer(
        p_caller, jsonb_build_object('outcome', 'member_is_enabled', 'member_id', p_member_id)
    );
end
$$;
