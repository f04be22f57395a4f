-- Write a ledger row without the leaderboards: update the member's stats, but not their earnings.
create function bench.follow_ledger() returns trigger
language plpgsql set search_path = ''
as $$
begin
    insert into public.discord_user_stats as s (server_id, discord_user_id, rsnc_total, rsnc_earned)
    values (new.server_id, new.discord_user_id, new.amount, floor(new.amount))
    on conflict (server_id, discord_user_id) do update
    set rsnc_total = s.rsnc_total + excluded.rsnc_total, rsnc_earned = floor(s.rsnc_total + excluded.rsnc_total)
    returning s.rsnc_total into new.balance_after;
    new.day := internal.day_on(new.server_id, new.created_at);
    perform from public.reward_ledger where interaction_id = new.interaction_id;
    return new;
end
$$;

create trigger stats_follow_the_ledger_alone
before insert on public.reward_ledger
for each row execute function bench.follow_ledger();
alter table public.reward_ledger disable trigger stats_follow_the_ledger_alone;
