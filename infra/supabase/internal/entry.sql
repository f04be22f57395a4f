-- An entry: one row of the ledger.

-- Give what people read of an entry: {entry, amount, source, event, reason, at, balance}.
create function internal.entry_facts(p_row public.reward_ledger) returns jsonb
language plpgsql stable
as $$
begin
    return jsonb_build_object(
        'entry', p_row.id,
        'amount', p_row.amount,
        'source', p_row.source,
        'event', coalesce((
            select internal.event_name(rule)
            from internal.rule(p_row.brand_id, p_row.server_id, p_row.event_type) as rule
        ), p_row.event_type),
        'reason', p_row.reason,
        'at', p_row.created_at,
        'balance', p_row.balance_after
    );
end
$$;

-- Give the entry that takes another one back, if there is one. VOLATILE: needs a new snapshot.
create function internal.entry_reversal(p_row public.reward_ledger) returns setof public.reward_ledger rows 1
language plpgsql volatile
as $$
begin
    return query
    select * from public.reward_ledger
    where server_id = p_row.server_id and discord_user_id = p_row.discord_user_id and source = 'reversal'
        and reference = p_row.id::text;
end
$$;
