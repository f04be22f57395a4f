-- Which interactions of admins were handled. Discord may deliver one twice, and a call whose connection broke is sent
-- again: carry it out once, and repeat the first answer, also a refusal or one that says that nothing changed.

-- Take the caller's interaction: give NULL if it is to be carried out, else the answer of the first delivery. A second
-- one at the same moment waits here until the first has committed. A program that names no interaction is always
-- carried out. Without migration 015 tell from the audit log, which knows what changed something: already_done.
create function internal.take_interaction(p_caller internal.caller, p_now timestamptz) returns jsonb
language plpgsql volatile
as $$
begin
    if p_caller.interaction_id is null or p_caller.server_id is null then
        return null;
    elsif internal.missing_migrations() ? '015' then
        perform pg_advisory_xact_lock(hashtextextended(p_caller.interaction_id, 0));
        perform from public.discord_audit_log
        where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id;
        return case when found then jsonb_build_object('outcome', 'already_done') end;
    end if;

    insert into public.handled_interactions (server_id, interaction_id, handled_at)
    values (p_caller.server_id, p_caller.interaction_id, p_now)
    on conflict (server_id, interaction_id) do nothing;
    if not found then
        return (
            select answer from public.handled_interactions
            where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id
        );
    end if;
    delete from public.handled_interactions
    where (server_id, interaction_id) in (
        select server_id, interaction_id from public.handled_interactions
        where handled_at < p_now - interval '1 day'
        order by handled_at
        limit 20
        for update skip locked
    );
    return null;
end
$$;

-- Keep the answer to an interaction that was taken, for its redelivery, and give it. Keep nothing for NULL, and give the
-- interaction back for category_needed, which is no answer yet.
create function internal.keep_answer(p_caller internal.caller, p_answer jsonb) returns jsonb
language plpgsql volatile
as $$
begin
    if p_answer is null or internal.missing_migrations() ? '015' then
        return p_answer;
    elsif p_answer ->> 'outcome' = 'category_needed' then -- the caller asks Discord and calls again
        delete from public.handled_interactions
        where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id;
    else
        update public.handled_interactions set answer = p_answer
        where server_id = p_caller.server_id and interaction_id = p_caller.interaction_id;
    end if;
    return p_answer;
end
$$;
