-- A member presses the button of a drop: pays once per member, closes the drop with its last claim.
-- Outcomes: claimed {amount, how it came about, place, max_claims, balance}; drop_not_found, drop_ended, drop_expired,
-- drop_full (these three with the drop, so that a stale message can heal), already_claimed {amount, claimed_at, place},
-- then those of internal.check_earning.
create function public.claim_drop(
    p_caller internal.caller,
    p_drop_id uuid,
    p_message_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_drop public.discord_drops;
    v_claim public.discord_drop_claims;
    v_check record;
    v_paid public.reward_ledger;
    v_over text;
begin
    for v_try in 1..5 loop -- a lost race changes what the next look sees: two rounds are usual, five are plenty
        select * into v_drop from public.discord_drops where drop_id = p_drop_id and server_id = p_caller.server_id;
        if not found then
            return jsonb_build_object('outcome', 'drop_not_found');
        end if;

        select * into v_claim from public.discord_drop_claims
        where drop_id = p_drop_id and discord_user_id = p_caller.user_id;
        if found then
            select * into v_paid from public.reward_ledger where interaction_id = p_caller.interaction_id;
            if found then -- Discord delivered the winning click once more
                return internal.receipt(v_paid) || jsonb_build_object('outcome', 'claimed', 'place', v_claim.place);
            end if;
        end if;

        v_over := case
            when v_drop.end_reason = 'expired' then 'drop_expired'
            when v_drop.end_reason = 'sold_out' then 'drop_full'
            when v_drop.end_reason is not null then 'drop_ended'
            when v_drop.expires_at <= p_now then 'drop_expired'
            when v_drop.max_claims >= 0 and v_drop.claims_count >= v_drop.max_claims then 'drop_full'
        end;
        if v_over is not null then
            return jsonb_build_object('outcome', v_over, 'drop', internal.drop_facts(v_drop) || jsonb_build_object(
                -- what the schedule is about to write
                'end_reason', coalesce(v_drop.end_reason, case v_over when 'drop_expired' then 'expired' else 'sold_out' end)
            ));
        elsif v_claim.claim_id is not null then
            return jsonb_build_object(
                'outcome', 'already_claimed',
                'amount', v_claim.reward_amount,
                'claimed_at', v_claim.claimed_at,
                'place', v_claim.place
            );
        end if;

        select * into v_check from internal.check_earning(p_caller, v_drop.event_id, p_now);
        if v_check.refusal is not null then
            return v_check.refusal;
        end if;

        begin
            v_paid := internal.pay(
                p_caller, v_check.server, v_check.rule, 'drop', p_drop_id::text,
                internal.reward(
                    (v_check.server).config_metadata,
                    coalesce(v_drop.reward_amount, (v_check.rule).reward_amount, 0),
                    internal.live_streak(p_caller, (v_check.server).config_metadata, p_now),
                    p_caller.role_ids
                ) || jsonb_build_object('max_claims', case when v_drop.max_claims >= 0 then v_drop.max_claims end),
                p_now
            );

            -- The one row that all claimers of a drop share: taken last, held for this update, one insert and the commit.
            update public.discord_drops
            set claims_count = claims_count + 1,
                revision = revision + 1,
                message_id = coalesce(message_id, p_message_id),
                ended_at = case when claims_count + 1 = max_claims then p_now end,
                end_reason = case when claims_count + 1 = max_claims then 'sold_out' end
            where drop_id = p_drop_id and ended_at is null
                and (max_claims is null or max_claims < 0 or claims_count < max_claims)
                and (expires_at is null or expires_at > p_now)
            returning * into v_drop;
            if not found then
                raise exception using errcode = 'RSNC1', message = 'the drop ended while this claim was under way';
            end if;

            insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
            values (gen_random_uuid(), p_drop_id, p_caller.user_id, p_now, v_paid.amount, v_drop.claims_count);

            return internal.receipt(v_paid) || jsonb_build_object('outcome', 'claimed', 'place', v_drop.claims_count);
        exception
            -- Somebody was faster between the check and the lock: a twin of this click (its ledger row or claim is there
            -- now), or the one who took the last place. All of this try is undone; the next look finds out which.
            when sqlstate 'RSNC1' or unique_violation then
                null;
        end;
    end loop;
    raise exception using errcode = 'RSNC2', message = 'claim_drop came to no decision';
end
$$;
