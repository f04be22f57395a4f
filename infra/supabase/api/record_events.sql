-- Record a batch of what members of one server did, and of events that a brand's program names: count each item once by
-- its id, within 7 days, and pay the events that fire. Sent again whole, in part or in another order it does nothing
-- more. What somebody wrote is looked at and neither kept nor repeated.
-- Outcomes: unknown_key (neither an operator's key nor one of a program of the brand that the server acts for: nothing is
-- done, and a foreign server looks the same as one that nobody knows); recorded {results, in the order of the items: {id,
-- result, …}}:
--   counted {missing: '008' if reactions_received is not counted, refused}: it has changed the counters, or what is known
--   paid {paid: [{event, amount, balance}], refused}: at least one event was paid; the counters are too
--   refused {refused: [{event, outcome, …}]}: nothing else was to be done; the outcomes of internal.pay_item
--   refused {refused: [{outcome}]}: the whole batch: server_not_connected, migration_missing {migration}; not remembered
--   ignored {reason: bot (who did it, or the author of the message), own_reaction, channel_excluded, or no_rule (a join
--     or boost that fires nothing)}
--   duplicate {first: the result of the first time, its refusals without their facts}
--   invalid {field, problem: missing, malformed, too_old, in_the_future}: not remembered; id is null if it is wrong itself
-- Members who are disabled and servers whose brand is off are counted, and refused what would pay.
create function public.record_events(
    p_key text, -- the Ed25519 public key by which the batch was verified, in lower-case hex
    p_is_operator boolean, -- is it one of the operator's?
    p_server_id text,
    p_items jsonb, -- a list of up to 500
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_server public.discord_server_configs;
    v_refusal jsonb;
begin
    select * into v_server from public.discord_server_configs where server_id = p_server_id;
    if internal.may_report(p_key, p_is_operator, v_server) then -- nobody else makes anybody wait
        v_server := internal.take_turn(p_server_id); -- it may have changed hands meanwhile: look again
    end if;
    if not internal.may_report(p_key, p_is_operator, v_server) then
        return jsonb_build_object('outcome', 'unknown_key');
    end if;
    v_refusal := case
        when v_server.server_id is null or v_server.is_active is false
            then jsonb_build_object('outcome', 'server_not_connected')
        else internal.migration_refusal('021')
    end;
    return jsonb_build_object('outcome', 'recorded', 'results', case
        when v_refusal is null then internal.record_items(v_server, p_items, p_now)
        else internal.refuse_items(p_items, v_refusal)
    end);
end
$$;
