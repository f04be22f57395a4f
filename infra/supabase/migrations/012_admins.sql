-- What admins' commands write and read. Payments wait while this runs, some ten seconds for a million ledger rows.

alter table public.discord_drops add column reply_to text; -- the message that the drop's own message answers

-- A server's ledger by day, for the sums of /stats, and the newest rows first, for /export.
create index ledger_by_day on public.reward_ledger (server_id, day) include (event_type, amount, source);
create index ledger_by_age on public.reward_ledger (server_id, id);

-- What somebody did, and what was done to somebody.
create index audit_of_an_actor on public.discord_audit_log (server_id, actor_id, id);
create index audit_of_a_target on public.discord_audit_log (server_id, target_user_id, id)
where target_user_id is not null;
