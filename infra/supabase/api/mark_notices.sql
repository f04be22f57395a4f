-- Store which admins were told: p_told and p_failed are lists of what lease_notices gave. Forget what was told; the next
-- message to that server may go in a minute. What failed is tried again then.
-- Gives {told, failed}: how many servers.
create function public.mark_notices(
    p_told jsonb default '[]',
    p_failed jsonb default '[]',
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
begin
    delete from public.admin_notices
    where notice_id in (
        select told.notice_id::bigint
        from jsonb_array_elements(p_told) as server
        cross join jsonb_array_elements(server -> 'notices') as notice
        cross join jsonb_array_elements_text(
            coalesce(notice -> 'notices', jsonb_build_array(notice -> 'notice'))
        ) as told (notice_id)
    );
    update public.notified_servers set next_at = p_now + interval '50 seconds' -- the next minute's run may be early
    where server_id in (select server ->> 'server_id' from jsonb_array_elements(p_told || p_failed) as server);
    return jsonb_build_object('told', jsonb_array_length(p_told), 'failed', jsonb_array_length(p_failed));
end
$$;
