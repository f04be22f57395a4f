-- Claim a drop by its button: pay once per member, and close the drop with its last claim. A reaction drop has none
-- (public.claim_reactions pays it).
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
    v_found record;
    v_drop public.discord_drops;
    v_check record;
    v_answer jsonb;
    v_place integer;
    v_paid public.reward_ledger;
begin
    select
        d as drop,
        internal.drop_end_reason(d, p_now) as end_reason,
        exists (
            select from public.discord_drop_claims
            where drop_id = p_drop_id and discord_user_id = p_caller.user_id
        ) as is_claimed
    into v_found
    from public.discord_drops as d where drop_id = p_drop_id and server_id = p_caller.server_id;
    v_drop := v_found.drop;
    if not found or v_drop.drop_type = 'reaction' then
        return jsonb_build_object('outcome', 'drop_not_found');
    elsif v_found.end_reason is not null then
        if v_found.is_claimed and internal.paid_before(p_caller, 'claimed') is not null then -- a redelivery
            return internal.claimed_before(p_caller, p_drop_id);
        end if;
        v_drop.end_reason := v_found.end_reason;
        return internal.drop_over(v_drop);
    end if;

    perform internal.lock_earner(p_caller.server_id, p_caller.user_id);
    v_answer := internal.claimed_before(p_caller, p_drop_id);
    if v_answer is not null then
        return v_answer;
    end if;
    v_check := internal.check_earning(p_caller, v_drop.event_id, p_now);
    if v_check.brand_id <> internal.drop_brand(v_drop) then
        v_drop.end_reason := 'server_left'; -- only the brand that it was made for pays it
        return internal.drop_over(v_drop);
    elsif v_check.refusal is null and internal.lock_total(p_caller.server_id, v_check.rule) then
        v_check := internal.check_earning(p_caller, v_drop.event_id, p_now);
    end if;
    if v_check.refusal is not null then
        return v_check.refusal;
    end if;

    perform internal.lock_stats(p_caller.server_id, p_caller.user_id); -- before the drop, as infra.reconcile does
    v_place := internal.take_place(v_drop, p_now);
    if v_place is null then -- it has ended since
        select * into v_drop from public.discord_drops where drop_id = p_drop_id;
        if not found then
            return jsonb_build_object('outcome', 'drop_not_found');
        end if;
        v_drop.end_reason := internal.drop_end_reason(v_drop, p_now);
        return internal.drop_over(v_drop);
    end if;
    v_paid := internal.pay(
        p_caller, v_check.rule, 'drop', p_drop_id::text,
        internal.reward(
            v_check.settings, coalesce(v_drop.reward_amount, (v_check.rule).reward_amount, 0), v_check.streak,
            p_caller.role_ids
        ) || jsonb_build_object('max_claims', case when v_drop.max_claims >= 0 then v_drop.max_claims end),
        p_caller.user_id, null, p_now
    );
    insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
    values (gen_random_uuid(), p_drop_id, p_caller.user_id, p_now, v_paid.amount, v_place);
    v_drop := internal.count_claim(p_drop_id, v_place, p_message_id, p_now);

    v_answer := internal.receipt(v_paid) || jsonb_build_object('outcome', 'claimed', 'place', v_place);
    if p_shows and v_drop.drop_id is not null then
        v_answer := v_answer || internal.lease_edit(v_drop, (v_check.rule).reward_amount, p_now);
    end if;
    return v_answer;
end
$$;
