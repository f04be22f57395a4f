-- Reactions that others put on the member's own messages. A database without this column must keep working.
alter table public.discord_user_stats add column reactions_received integer not null default 0;
