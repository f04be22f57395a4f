-- Claim a drop by its button: pay once per member, and close the drop with its last claim.
-- Outcomes: claimed {amount, how it came about, place, max_claims, balance, and with p_shows the drop if the caller is to
-- edit its message now, see internal.lease_edit}; drop_not_found, drop_ended, drop_expired, drop_full (these three with
-- the drop, so that the caller can update the message), already_claimed {amount, claimed_at, place}, then those of
-- internal.check_earning.
create function public.claim_drop(
    p_caller internal.caller,
    p_drop_id uuid,
    p_message_id text default null,
    p_shows boolean default false, -- the caller can edit the message
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_check record;
    v_answer jsonb;
    v_place integer;
    v_paid public.reward_ledger;
    v_drop public.discord_drops;
begin
    v_check := internal.check_claim(p_caller, p_drop_id, p_now);
    if v_check.refusal is null then
        perform internal.lock_to_pay(p_caller.server_id, p_caller.user_id, v_check.rule);
        v_check := internal.check_claim(p_caller, p_drop_id, p_now);
        if v_check.refusal is null then
            v_answer := internal.claim_paid_before(p_caller, p_drop_id);
        end if;
    end if;
    if v_check.is_claimed then
        v_answer := internal.paid_before(p_caller, 'claimed') || jsonb_build_object('place', v_check.place);
    end if;
    v_answer := coalesce(v_answer, v_check.refusal);
    if v_answer is not null then
        return v_answer;
    end if;

    v_place := internal.take_place(v_check.drop, p_now);
    if v_place is null then -- it ended since
        v_check := internal.check_claim(p_caller, p_drop_id, p_now);
        return v_check.refusal;
    end if;
    v_paid := internal.pay(
        p_caller, v_check.rule, 'drop', p_drop_id::text,
        internal.reward(
            v_check.settings, coalesce((v_check.drop).reward_amount, (v_check.rule).reward_amount, 0), v_check.streak,
            p_caller.role_ids
        ) || jsonb_build_object(
            'max_claims', case when (v_check.drop).max_claims >= 0 then (v_check.drop).max_claims end
        ),
        p_now
    );
    insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
    values (gen_random_uuid(), p_drop_id, p_caller.user_id, p_now, v_paid.amount, v_place);
    v_drop := internal.count_claim(p_drop_id, p_message_id, p_now);

    v_answer := internal.receipt(v_paid) || jsonb_build_object('outcome', 'claimed', 'place', v_place);
    if p_shows and v_drop.drop_id is not null then
        v_answer := v_answer || internal.lease_edit(v_drop, (v_check.rule).reward_amount, p_now);
    end if;
    return v_answer;
end
$$;
