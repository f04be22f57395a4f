-- Give what this interaction has paid the caller, to a program that got no answer in time. Nothing paid may also mean
-- that the payment is still under way.
-- Outcomes: paid (internal.entry_facts); not_paid.
create function public.get_payment(p_caller internal.caller, p_now timestamptz default now()) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
    v_paid public.reward_ledger;
begin
    select * into v_paid from public.reward_ledger
    where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id
        and discord_user_id = p_caller.user_id;
    if not found then
        return jsonb_build_object('outcome', 'not_paid');
    end if;
    return internal.entry_facts(v_paid) || jsonb_build_object('outcome', 'paid');
end
$$;
