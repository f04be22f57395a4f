-- Give the caller's entries on a server, the newest first, five a page. Answer for a disconnected server too: what they
-- have earned stays theirs.
-- Outcomes: history {entries [{amount, source, event, reason, at, balance}], page, pages, total}; page_gone {page,
-- pages}; server_not_connected.
create function public.get_history(
    p_caller internal.caller,
    p_page integer default 1,
    p_now timestamptz default now()
) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_access record;
    v_total bigint;
    v_pages bigint;
begin
    v_access := internal.known_server(p_caller);
    if v_access.refusal is not null then
        return v_access.refusal;
    end if;

    select count(*) into v_total from public.reward_ledger
    where server_id = p_caller.server_id and discord_user_id = p_caller.user_id;
    v_pages := (v_total + 4) / 5;
    if p_page < 1 or p_page > greatest(v_pages, 1) then
        return jsonb_build_object('outcome', 'page_gone', 'page', p_page, 'pages', v_pages);
    end if;
    return jsonb_build_object('outcome', 'history', 'page', p_page, 'pages', v_pages, 'total', v_total, 'entries', (
        select coalesce(jsonb_agg(internal.entry_facts(l.row) - 'entry' order by l.id desc), '[]')
        from (
            select r as row, id from public.reward_ledger as r
            where server_id = p_caller.server_id and discord_user_id = p_caller.user_id
            order by id desc
            limit 5 offset (p_page - 1)::bigint * 5
        ) as l
    ));
end
$$;
