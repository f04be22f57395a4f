-- Names the caller, and the time, for the triggers that write the audit log in this transaction.
create function internal.act_as(p_caller internal.caller, p_now timestamptz) returns void
language plpgsql volatile
as $$
begin
    perform set_config('resonance.actor', p_caller.user_id, true);
    perform set_config('resonance.interaction', p_caller.interaction_id, true);
    perform set_config('resonance.now', p_now::text, true);
end
$$;

-- Has this interaction done that before? Discord may deliver one twice; the second must not toggle back or find its own
-- work in the way. Ask after the row in question is locked, so that a twin at the same moment has finished.
-- Volatile, although it only reads: it needs a snapshot of its own, taken after the lock.
create function internal.has_done(p_caller internal.caller, p_action text) returns boolean
language plpgsql volatile
as $$
begin
    return exists (
        select from public.discord_audit_log
        where interaction_id = p_caller.interaction_id and action = p_action
    );
end
$$;
