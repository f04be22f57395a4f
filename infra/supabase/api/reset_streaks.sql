-- Write lapsed streaks down: set current_streak = 0 for up to p_batch members whose grace is over. It may be late,
-- interrupted or run twice: readers compute whether a streak lives.
-- Gives {reset: how many}; call it until that is 0.
create function public.reset_streaks(p_batch integer default 10000, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_reset integer;
begin
    with recursive servers as ( -- a skip scan: one probe of streaks_alive per server
        (select server_id from public.discord_user_streaks where current_streak > 0 order by server_id limit 1)
        union all
        select (
            select s.server_id from public.discord_user_streaks as s
            where s.current_streak > 0 and s.server_id > servers.server_id
            order by s.server_id limit 1
        )
        from servers
        where servers.server_id is not null
    ), lapsed as (
        select l.server_id, l.discord_user_id
        from servers
        left join public.discord_server_configs as c on c.server_id = servers.server_id
        cross join lateral (
            select s.server_id, s.discord_user_id from public.discord_user_streaks as s
            where s.server_id = servers.server_id and s.current_streak > 0
                and s.last_day < internal.oldest_living_day(c.config_metadata, p_now) -- once per server
            order by s.last_day
            limit p_batch
            for update skip locked
        ) as l
        limit p_batch
    )
    update public.discord_user_streaks as s
    set current_streak = 0
    from lapsed
    where s.server_id = lapsed.server_id and s.discord_user_id = lapsed.discord_user_id;
    get diagnostics v_reset = row_count;
    return jsonb_build_object('reset', v_reset);
end
$$;
