-- Give what a member has on a server, and whether they are disabled there, for an admin.
-- Outcomes: member {member_id, disabled {since, by, reason} or NULL, total, streak, longest, last: internal.entry_facts
-- or NULL}; not_allowed; server_not_connected.
create function public.get_member(p_caller internal.caller, p_member_id text, p_now timestamptz default now())
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    return internal.member_facts(v_access.server, p_member_id, p_now) || jsonb_build_object(
        'outcome', 'member',
        'disabled', (
            select jsonb_build_object('since', disabled_at, 'by', disabled_by, 'reason', reason)
            from public.disabled_members where server_id = p_caller.server_id and discord_user_id = p_member_id
        ),
        'last', (
            select internal.entry_facts(l) from public.reward_ledger as l
            where server_id = p_caller.server_id and discord_user_id = p_member_id
            order by id desc
            limit 1
        )
    );
end
$$;
