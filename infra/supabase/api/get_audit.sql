-- Give a page of a server's audit log to an admin: eight rows, the newest first, below p_before or above p_after, which
-- are ids. Answer for a disconnected server too: the log says who disconnected it.
-- Outcomes: audit {member_id, type, entries [internal.audit_facts], has_newer, has_older}; not_allowed;
-- server_not_connected.
create function public.get_audit(
    p_caller internal.caller,
    p_member_id text default null,
    p_type text default null, -- settings, events, drops, watches, rewards, members
    p_before bigint default null,
    p_after bigint default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_refusal jsonb := internal.admin_refusal(p_caller);
    v_access record;
    v_ids bigint[];
    v_has_newer boolean;
    v_has_older boolean := true;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    v_access := internal.known_server(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;

    if p_after is not null then
        v_ids := internal.audit_ids(v_access.server, p_member_id, p_type, null, p_after);
        v_has_newer := cardinality(v_ids) > 8;
    end if;
    if v_has_newer is not true then -- fewer newer rows than a page: give the newest page
        v_has_newer := p_after is null and p_before is not null;
        v_ids := internal.audit_ids(
            v_access.server, p_member_id, p_type, case when p_after is null then p_before end, null
        );
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
