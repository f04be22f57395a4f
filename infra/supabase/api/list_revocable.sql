-- List the newest entries of a member that an admin can take back, for suggestions: a hundred at most, first the one
-- whose number was typed.
-- Outcomes: entries {entries [internal.entry_facts with the day]}; not_allowed; server_not_connected.
create function public.list_revocable(
    p_caller internal.caller,
    p_member_id text,
    p_typed text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
begin
    select * into v_access from internal.authorize_admin(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;
    return jsonb_build_object('outcome', 'entries', 'entries', (
        select coalesce(jsonb_agg(
            internal.entry_facts(l.row) || jsonb_build_object(
                'day', internal.wall_clock((v_access.server).config_metadata, l.created_at)::date
            )
            order by l.id::text = p_typed desc, l.id desc
        ), '[]')
        from (
            select r as row, id, created_at from public.reward_ledger as r
            where r.server_id = p_caller.server_id and r.discord_user_id = p_member_id and r.source <> 'reversal'
                and not exists (
                    select from public.reward_ledger as taken
                    where taken.server_id = r.server_id and taken.discord_user_id = r.discord_user_id
                        and taken.source = 'reversal' and taken.reference = r.id::text
                )
            order by r.id::text = p_typed desc, r.id desc
            limit 100
        ) as l
    ));
end
$$;
