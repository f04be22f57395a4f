-- An admin takes a row of a member's ledger back: once, by a row of its own with the opposite amount. What the row has
-- used up stays used: the claim of the drop, the milestone, the event's limits and cooldown.
-- Outcomes: reward_revoked {member_id, entry, event, amount, balance}; not_allowed; server_not_connected; entry_not_found
-- {entry, member_id}; entry_is_reversal {entry}; already_revoked {entry, amount, revoked_at, actor_id}; balance_too_low
-- {member_id, amount, total}, unless p_allow_negative.
create function public.revoke_reward(
    p_caller internal.caller,
    p_member_id text,
    p_entry bigint,
    p_reason text default null,
    p_allow_negative boolean default false,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
    v_open record;
    v_entry public.reward_ledger;
    v_total numeric;
    v_reversal public.reward_ledger;
    v_told jsonb;
begin
    select * into v_open from internal.open_server(p_caller);
    if v_open.refusal is not null then
        return coalesce(internal.paid_before(p_caller, 'reward_revoked'), v_open.refusal);
    end if;
    perform internal.act_as(p_caller, p_now);
    select * into v_entry from public.reward_ledger
    where id = p_entry and server_id = p_caller.server_id and discord_user_id = p_member_id;
    if not found then
        return jsonb_build_object('outcome', 'entry_not_found', 'entry', p_entry, 'member_id', p_member_id);
    elsif v_entry.source = 'reversal' then
        return jsonb_build_object('outcome', 'entry_is_reversal', 'entry', p_entry);
    end if;

    -- Whoever writes a row of this member's ledger changes these stats: from here on nothing of it moves but by us.
    select rsnc_total into v_total from public.discord_user_stats
    where server_id = p_caller.server_id and discord_user_id = p_member_id
    for update;
    v_told := internal.paid_before(p_caller, 'reward_revoked');
    if v_told is not null then
        return v_told;
    end if;
    select * into v_reversal from internal.reversal_of(v_entry);
    if found then
        return jsonb_build_object(
            'outcome', 'already_revoked',
            'entry', p_entry,
            'amount', v_entry.amount,
            'revoked_at', v_reversal.created_at,
            'actor_id', v_reversal.actor_id
        );
    elsif v_entry.amount > 0 and coalesce(v_total, 0) < v_entry.amount and p_allow_negative is not true then
        return jsonb_build_object(
            'outcome', 'balance_too_low',
            'member_id', p_member_id,
            'amount', v_entry.amount,
            'total', coalesce(v_total, 0)
        );
    end if;

    insert into public.reward_ledger
        (server_id, brand_id, discord_user_id, event_type, amount, source, reference, interaction_id, actor_id, reason,
            details, created_at)
    values
        (p_caller.server_id, v_entry.brand_id, p_member_id, v_entry.event_type, -v_entry.amount, 'reversal',
            p_entry::text, p_caller.interaction_id, p_caller.user_id, p_reason,
            jsonb_build_object(
                'member_id', p_member_id,
                'entry', p_entry,
                'source', v_entry.source,
                'event', internal.entry_facts(v_entry) -> 'event',
                'amount', v_entry.amount
            ),
            p_now)
    returning * into v_reversal;
    perform internal.note_action(
        p_caller, v_entry.brand_id, 'reward.revoked', p_member_id,
        jsonb_build_object('total', v_reversal.balance_after - v_reversal.amount) || to_jsonb(v_entry),
        jsonb_build_object('total', v_reversal.balance_after) || to_jsonb(v_reversal),
        p_now
    );
    return internal.receipt(v_reversal) || jsonb_build_object('outcome', 'reward_revoked');
end
$$;
