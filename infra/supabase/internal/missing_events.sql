-- The events that every connected server starts with, as far as they do not hold on a server.
create function internal.missing_events(p_brand_id text, p_server_id text) returns table (
    event_type text,
    label text,
    reward numeric,
    cooldown_hours integer,
    max_claims integer
)
language sql stable
as $$
    select d.*
    from (values
        ('daily_checkin', 'Daily check-in', 25::numeric, null::integer, null::integer), -- once a day by the streak's rule
        ('news_tracker', 'News tracker', 5, null, null),
        ('regular_engagement', 'Regular engagement', 10, 1, null),
        ('welcome_bonus', 'Welcome bonus', 50, null, 1)
    ) as d (event_type, label, reward, cooldown_hours, max_claims)
    where not exists (select from internal.rule(p_brand_id, p_server_id, d.event_type)) -- a brand-wide one will do
$$;
