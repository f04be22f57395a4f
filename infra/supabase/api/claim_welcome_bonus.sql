-- Pay the welcome bonus with /join: once in a lifetime on a server, however it was earned.
-- Outcomes: welcomed {amount, how it came about, balance}; those of internal.check_earning; already_welcomed
-- {claimed_at, amount}, instead of the event's cooldown and limits, because this member can never earn it again.
create function public.claim_welcome_bonus(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_check record;
    v_answer jsonb;
begin
    perform internal.lock_earner(p_caller.server_id, p_caller.user_id);
    v_check := internal.check_welcome(p_caller, p_now);
    if v_check.refusal is null and internal.lock_total(p_caller.server_id, v_check.rule) then
        v_check := internal.check_welcome(p_caller, p_now);
    end if;
    v_answer := coalesce(internal.paid_before(p_caller, 'welcomed'), v_check.refusal);
    if v_answer is not null then
        return v_answer;
    end if;
    return internal.receipt(internal.pay(
        p_caller, v_check.rule, 'claim', null,
        internal.reward(
            v_check.settings, coalesce((v_check.rule).reward_amount, 0), v_check.streak, p_caller.role_ids
        ),
        p_caller.user_id, null, p_now
    )) || jsonb_build_object('outcome', 'welcomed');
end
$$;
