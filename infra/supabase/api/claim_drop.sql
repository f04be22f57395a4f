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
    v_seen record;
    v_drop public.discord_drops;
    v_over text;
    v_check record;
    v_paid public.reward_ledger;
    v_paid_before jsonb;
begin
    for v_try in 1..5 loop -- a lost race changes what the next look sees: two rounds are usual, five are plenty
        select d as drop, c.claim_id, c.claimed_at, c.place, c.reward_amount as amount
        into v_seen
        from public.discord_drops as d
        left join public.discord_drop_claims as c on c.drop_id = d.drop_id and c.discord_user_id = p_caller.user_id
        where d.drop_id = p_drop_id and d.server_id = p_caller.server_id;
        if not found then
            return jsonb_build_object('outcome', 'drop_not_found');
        end if;
        v_drop := v_seen.drop;

        if v_seen.claim_id is not null then
            v_paid_before := internal.paid_before(p_caller, 'claimed');
            if v_paid_before is not null then
                return v_paid_before || jsonb_build_object('place', v_seen.place);
            end if;
        end if;

        if v_drop.end_reason is null then -- what the schedule is about to write
            v_drop.end_reason := case
                when v_drop.expires_at <= p_now then 'expired'
                when v_drop.max_claims >= 0 and v_drop.claims_count >= v_drop.max_claims then 'sold_out'
            end;
        end if;
        if v_drop.end_reason is not null then
            v_over := case v_drop.end_reason when 'expired' then 'drop_expired' when 'sold_out' then 'drop_full' else 'drop_ended' end;
            return jsonb_build_object('outcome', v_over, 'drop', internal.drop_facts(v_drop, null));
        elsif v_seen.claim_id is not null then
            return jsonb_build_object(
                'outcome', 'already_claimed',
                'amount', v_seen.amount,
                'claimed_at', v_seen.claimed_at,
                'place', v_seen.place
            );
        end if;

        v_check := internal.check_earning(p_caller, v_drop.event_id, p_now);
        if v_check.refusal is not null then
            continue when internal.paid_before(p_caller, 'claimed') is not null; -- a twin of this click was faster
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

            -- The one row that all claimers of a drop share: taken last, held for this update, one insert and the commit.
            update public.discord_drops
            set claims_count = claims_count + 1, revision = revision + 1, message_id = coalesce(message_id, p_message_id)
            where drop_id = p_drop_id and ended_at is null
                and (max_claims is null or max_claims < 0 or claims_count < max_claims)
                and (expires_at is null or expires_at > p_now)
            returning claims_count, max_claims into v_drop.claims_count, v_drop.max_claims;
            if not found then
                raise exception using errcode = 'RSNC1', message = 'the drop ended while this claim was under way';
            end if;

            insert into public.discord_drop_claims (claim_id, drop_id, discord_user_id, claimed_at, reward_amount, place)
            values (gen_random_uuid(), p_drop_id, p_caller.user_id, p_now, v_paid.amount, v_drop.claims_count);

            if v_drop.claims_count = v_drop.max_claims then
                update public.discord_drops set ended_at = p_now, end_reason = 'sold_out' where drop_id = p_drop_id;
            end if;
            return internal.receipt(v_paid) || jsonb_build_object('outcome', 'claimed', 'place', v_drop.claims_count);
        exception
            -- Somebody was faster between the look and the lock: a twin of this click (its ledger row or claim is there
            -- now), or the one who took the last place. All of this try is undone; the next look finds out which.
            when sqlstate 'RSNC1' or unique_violation then
                null;
        end;
    end loop;
    raise exception using errcode = 'RSNC2', message = 'claim_drop came to no decision';
end
$$;
