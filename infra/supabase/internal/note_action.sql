-- Writes what an admin did to a member into the audit log, with the state before and after.
create function internal.note_action(
    p_caller internal.caller,
    p_brand_id text,
    p_action text,
    p_member_id text,
    p_before jsonb,
    p_after jsonb,
    p_now timestamptz
) returns void
language plpgsql volatile
as $$
begin
    insert into public.discord_audit_log
        (server_id, brand_id, actor_type, actor_id, action, target_user_id, before_state, after_state, interaction_id,
            created_at)
    values
        (p_caller.server_id, p_brand_id, 'admin', p_caller.user_id, p_action, p_member_id, p_before, p_after,
            p_caller.interaction_id, p_now);
end
$$;
