-- A claim without guards: it writes the rows that claim_drop writes, without checking anything and without the rows that
-- all claims share (drop, event total). Only for comparison.
create schema bench;
grant usage on schema bench to service_role;

create function bench.unguarded_claim(
    p_caller internal.caller,
    p_drop_id uuid,
    p_message_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_paid public.reward_ledger;
begin
    insert into public.event_claims (server_id, discord_user_id, event_type, claims, last_claimed_at)
    values (p_caller.server_id, p_caller.user_id, 'quest', 1, p_now);

    insert into public.reward_ledger
        (server_id, brand_id, discord_user_id, event_type, amount, source, reference, interaction_id, actor_id, details,
            created_at)
    values
        (p_caller.server_id, 'bench', p_caller.user_id, 'quest', 10.00, 'drop', p_drop_id::text,
            p_caller.interaction_id, p_caller.user_id,
            '{"base": 10, "streak": 0, "streak_multiplier": 1.0, "role_multiplier": 1.0, "flat": 0, "amount": 10.00,
              "max_claims": 1000000000}',
            p_now)
    returning * into v_paid;

    insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
    values (gen_random_uuid(), p_drop_id, p_caller.user_id, p_now, v_paid.amount, 1);

    return v_paid.details || jsonb_build_object('balance', v_paid.balance_after, 'outcome', 'claimed', 'place', 1);
end
$$;
grant execute on function bench.unguarded_claim to service_role;

-- The least that a call of claim_drop can cost.
create function bench.empty(
    p_caller internal.caller,
    p_drop_id uuid,
    p_message_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
begin
    return null;
end
$$;
grant execute on function bench.empty to service_role;
