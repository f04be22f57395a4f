-- What a watch's drops have paid, and which of them are open, is found by an index. Takes a moment; claims wait for it.
-- Drops are scanned once.

select internal.lock_tables('discord_drops');

-- No claim but the last one of a drop changes its columns.
create index drops_of_a_watch on public.discord_drops (watch_id, ended_at) where watch_id is not null;
