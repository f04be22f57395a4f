-- Take an entry of a member's ledger back for an admin: once, by an entry with the opposite amount. What it has used up
-- stays used: the claim of the drop, the milestone, the event's limits and cooldown.
-- Outcomes: reward_revoked {member_id, entry, event, amount, balance}; not_allowed; server_not_connected;
-- entry_not_found {entry, member_id}; entry_is_reversal {entry}; already_revoked {entry, amount, revoked_at, actor_id};
-- balance_too_low {member_id, amount, total}, unless p_allow_negative.
create function public.revoke_reward(
    p_caller internal.caller,
    p_member_id text,
    p_entry bigint,
    p_reason text default null,
    p_allow_negative boolean default false,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_access record;
    v_entry public.reward_ledger;
    v_total numeric;
    v_reversal public.reward_ledger;
begin
    select * into v_access from internal.authorize_change(p_caller, p_now);
    if v_access.answer is not null then
        return v_access.answer;
    end if;
    select * into v_entry from public.reward_ledger
    where id = p_entry and server_id = p_caller.server_id and discord_user_id = p_member_id;
    if not found then
        return internal.keep_answer(
            p_caller, jsonb_build_object('outcome', 'entry_not_found', 'entry', p_entry, 'member_id', p_member_id)
        );
    elsif v_entry.source = 'reversal' then
        return internal.keep_answer(p_caller, jsonb_build_object('outcome', 'entry_is_reversal', 'entry', p_entry));
    end if;

    perform internal.lock_earner(p_caller.server_id, p_member_id); -- blocks every other writer of their ledger
    select rsnc_total into v_total from public.discord_user_stats
    where server_id = p_caller.server_id and discord_user_id = p_member_id;
    select * into v_reversal from internal.entry_reversal(v_entry);
    if found then
        return internal.keep_answer(p_caller, jsonb_build_object(
            'outcome', 'already_revoked',
            'entry', p_entry,
            'amount', v_entry.amount,
            'revoked_at', v_reversal.created_at,
            'actor_id', v_reversal.actor_id
        ));
    elsif v_entry.amount > 0 and v_total < v_entry.amount and p_allow_negative is not true then
        return internal.keep_answer(p_caller, jsonb_build_object(
            'outcome', 'balance_too_low',
            'member_id', p_member_id,
            'amount', v_entry.amount,
            'total', v_total
        ));
    end if;

    v_reversal := internal.reverse_entry(p_caller, v_entry, p_reason, p_now);
    return internal.keep_answer(
        p_caller, internal.receipt(v_reversal) || jsonb_build_object('outcome', 'reward_revoked')
    );
end
$$;
