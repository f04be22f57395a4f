-- Why reactions of a member did not pay, for a day.

-- Give the last five as a list, the newest first: {refusal, at, title, server_id, channel_id, message_id}, the last four
-- of the drop, NULL where it is gone. Leave out what has paid since.
create function internal.refused_reactions(p_server_id text, p_user_id text, p_now timestamptz) returns jsonb
language plpgsql stable
as $$
begin
    if internal.migration_refusal('020') is not null then
        return '[]';
    end if;
    return (
        select coalesce(jsonb_agg(
            jsonb_build_object(
                'refusal', last.refusal,
                'at', last.refused_at,
                'title', coalesce(d.title, d.event_id),
                'server_id', d.server_id,
                'channel_id', d.channel_id,
                'message_id', d.message_id
            )
            order by last.refused_at desc, last.drop_id
        ), '[]')
        from (
            select r.* from public.reaction_refusals as r
            where r.server_id = p_server_id and r.discord_user_id = p_user_id
                and r.refused_at > p_now - interval '1 day'
                and not exists (
                    select from public.discord_drop_claims as c
                    where c.drop_id = r.drop_id and c.discord_user_id = r.discord_user_id
                )
            order by r.refused_at desc, r.drop_id
            limit 5
        ) as last
        left join public.discord_drops as d on d.drop_id = last.drop_id
    );
end
$$;
