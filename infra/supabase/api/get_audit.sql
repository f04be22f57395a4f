-- A page of a server's audit log for an admin, the newest first, eight rows each: below p_before or above p_after, which
-- are ids. Also where the server is disconnected: the log says who did that.
-- Outcomes: audit {member_id, type, entries [internal.audit_facts], has_newer, has_older}; not_allowed;
-- server_not_connected.
create function public.get_audit(
    p_caller internal.caller,
    p_member_id text default null,
    p_type text default null, -- settings, events, drops, rewards, members
    p_before bigint default null,
    p_after bigint default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_refusal jsonb := internal.admin_refusal(p_caller);
    v_server public.discord_server_configs;
    v_ids bigint[];
    v_has_newer boolean;
    v_has_older boolean := true;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    select * into v_server from public.discord_server_configs where server_id = p_caller.server_id;
    if not found then
        return jsonb_build_object('outcome', 'server_not_connected');
    end if;

    if p_after is not null then
        v_ids := internal.audit_ids(v_server, p_member_id, p_type, null, p_after);
        v_has_newer := cardinality(v_ids) > 8;
    end if;
    if v_has_newer is not true then -- what is newer fills no page: then the newest page does
        v_has_newer := p_after is null and p_before is not null;
        v_ids := internal.audit_ids(v_server, p_member_id, p_type, case when p_after is null then p_before end, null);
        v_has_older := cardinality(v_ids) > 8;
    end if;
    return jsonb_build_object(
        'outcome', 'audit',
        'member_id', p_member_id,
        'type', p_type,
        'has_newer', v_has_newer,
        'has_older', v_has_older,
        'entries', (
            select coalesce(jsonb_agg(internal.audit_facts(a) order by id desc), '[]')
            from public.discord_audit_log as a where id = any (v_ids[:8])
        )
    );
end
$$;
