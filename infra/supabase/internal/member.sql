-- What a member has on a server.

-- Give {member_id, total, streak, longest}: the RSNC they have, their streak as it counts now and their longest.
create function internal.member_facts(
    p_server public.discord_server_configs,
    p_member_id text,
    p_now timestamptz
) returns jsonb
language plpgsql stable
as $$
declare
    v_member record;
begin
    v_member := internal.member_streak(p_server.config_metadata, p_server.server_id, p_member_id, p_now);
    return jsonb_build_object(
        'member_id', p_member_id,
        'total', coalesce((
            select rsnc_total from public.discord_user_stats
            where server_id = p_server.server_id and discord_user_id = p_member_id
        ), 0),
        'streak', v_member.streak,
        'longest', v_member.longest
    );
end
$$;
