-- An entry: one row of the ledger.

-- Give what people read of an entry: {entry, amount, source, event, reason, at, balance}, of a payment by a reaction
-- drop also {by_reaction: true}.
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
    ) || case when internal.is_by_reaction(p_row) then '{"by_reaction": true}'::jsonb else '{}' end;
end
$$;

-- Tell whether a reaction drop has paid an entry. Another program may have written anything in place of the drop's id.
create function internal.is_by_reaction(p_row public.reward_ledger) returns boolean
language plpgsql stable
as $$
begin
    if p_row.source <> 'drop' or p_row.reference !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        return false;
    end if;
    return exists (
        select from public.discord_drops where drop_id = p_row.reference::uuid and drop_type = 'reaction'
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
