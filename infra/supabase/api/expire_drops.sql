-- Count what crowds have claimed, close the drops that are due, and lease the drops whose messages are behind to the
-- caller, which brings them up to date. The money decision is final here. Two runs at once share the work: each skips
-- the rows that the other holds, and a lease lasts two minutes, so a run that dies costs a late edit.
-- Gives {expired: how many it closed, drops: [internal.post_facts], collects: collect_reactions has work too,
-- has_notices: there is something to tell admins (lease_notices), now}; call it until expired is 0 and drops is []. It
-- leases nothing while a whole batch is due. Pass the `now` of a run's first call to its later ones, so that no drop
-- comes twice: what changed since waits for the next run.
create function public.expire_drops(
    p_batch integer default 5000,
    p_render integer default 500,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_expired integer;
    v_drops jsonb;
begin
    perform internal.count_noted_claims(p_now);
    v_expired := internal.close_expired_drops(p_batch, p_now);
    perform internal.close_unposted_drops(p_now);
    perform internal.forget_previews(p_now);
    v_drops := internal.lease_drops(case when v_expired < p_batch then p_render else 0 end, p_now);
    return jsonb_build_object(
        'expired', v_expired,
        'drops', v_drops,
        'collects', internal.collects_reactions(),
        'has_notices', internal.has_notices(),
        'now', p_now
    );
end
$$;
