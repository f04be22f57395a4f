-- Claim a drop by its button: pay once per member, and close the drop with its last claim.
-- Outcomes: claimed {amount, how it came about, place, max_claims, balance}; drop_not_found, drop_ended, drop_expired,
-- drop_full (these three with the drop, so that the caller can update the message), already_claimed {amount,
-- claimed_at, place}, then those of internal.check_earning.
create function public.claim_drop(
    p_caller internal.caller,
    p_drop_id uuid,
    p_message_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_found record;
    v_drop public.discord_drops;
    v_check record;
    v_paid public.reward_ledger;
    v_paid_before jsonb;
begin
    for v_try in 1..5 loop -- retry after a lost race; more than two tries are rare
        select d as drop, c.claim_id, c.claimed_at, c.place, c.reward_amount as amount
        into v_found
        from public.discord_drops as d
        left join public.discord_drop_claims as c on c.drop_id = d.drop_id and c.discord_user_id = p_caller.user_id
        where d.drop_id = p_drop_id and d.server_id = p_caller.server_id;
        if not found then
            return jsonb_build_object('outcome', 'drop_not_found');
        end if;
        v_drop := v_found.drop;

        if v_found.claim_id is not null then
            v_paid_before := internal.paid_before(p_caller, 'claimed');
            if v_paid_before is not null then
                return v_paid_before || jsonb_build_object('place', v_found.place);
            end if;
        end if;

        v_drop.end_reason := internal.drop_end_reason(v_drop, p_now);
        if v_drop.end_reason is null then -- only the brand that the drop was made for pays it
            perform from public.discord_server_configs
            where server_id = p_caller.server_id
                and brand_id <> to_jsonb(v_drop) ->> 'brand_id'; -- migration 013 adds the column and may be missing
            if found then
                v_drop.end_reason := 'server_left';
            end if;
        end if;
        if v_drop.end_reason is not null then
            return jsonb_build_object(
                'outcome', case v_drop.end_reason
                    when 'expired' then 'drop_expired' when 'sold_out' then 'drop_full' else 'drop_ended'
                end,
                'drop', internal.drop_facts(v_drop, null)
            );
        elsif v_found.claim_id is not null then
            return jsonb_build_object(
                'outcome', 'already_claimed',
                'amount', v_found.amount,
                'claimed_at', v_found.claimed_at,
                'place', v_found.place
            );
        end if;

        v_check := internal.check_earning(p_caller, v_drop.event_id, p_now);
        if v_check.refusal is not null then
            continue when internal.paid_before(p_caller, 'claimed') is not null; -- the first delivery was faster
            return v_check.refusal;
        end if;

        begin
            v_paid := internal.pay(
                p_caller, v_check.rule, 'drop', p_drop_id::text,
                internal.reward(
                    v_check.settings, coalesce(v_drop.reward_amount, (v_check.rule).reward_amount, 0), v_check.streak,
                    p_caller.role_ids
                ) || jsonb_build_object('max_claims', case when v_drop.max_claims >= 0 then v_drop.max_claims end),
                p_now
            );

            -- Lock the drop's row last: all claimers share it.
            update public.discord_drops
            set claims_count = claims_count + 1,
                revision = revision + 1
            where drop_id = p_drop_id and ended_at is null
                and (max_claims is null or max_claims < 0 or claims_count < max_claims)
                and (expires_at is null or expires_at > p_now)
            returning claims_count, max_claims into v_drop.claims_count, v_drop.max_claims;
            if not found then
                raise exception using errcode = 'RSNC1', message = 'the drop ended while this claim was under way';
            end if;

            insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
            values (gen_random_uuid(), p_drop_id, p_caller.user_id, p_now, v_paid.amount, v_drop.claims_count);

            if v_drop.message_id is null and p_message_id is not null then -- not stored yet
                update public.discord_drops set message_id = coalesce(message_id, p_message_id) where drop_id = p_drop_id;
            end if;
            if v_drop.claims_count = v_drop.max_claims then
                update public.discord_drops set ended_at = p_now, end_reason = 'sold_out' where drop_id = p_drop_id;
            end if;
            return internal.receipt(v_paid) || jsonb_build_object('outcome', 'claimed', 'place', v_drop.claims_count);
        exception
            -- Somebody was faster since the check: the first delivery of this click, or another member who took the
            -- last place. Undo this try; the next one finds out which.
            when sqlstate 'RSNC1' or unique_violation then
                null;
        end;
    end loop;
    -- A row of the ledger from before migration 013 may pay this drop without a claim.
    return internal.drop_paid_without_claim(p_caller, p_drop_id);
end
$$;
