-- Pay a page of those who reacted to a drop, and store how far its list has been read. Without a limit the page is paid
-- at once, and the reading moves on once the roles of all who need it are known. With a limit pages are kept until the
-- whole list is; then call this without reactors until nobody waits. A page that comes twice is paid once.
-- Outcomes: page_taken {paid, refused: how many, unasked: those whose roles must be given in another call, waits: call
-- again, is_finished: the whole list is done}; drop_not_found; drop_over: nobody is paid any more; look_over: another
-- run has gone on to a later reading, or finished this one.
create function public.claim_reactions(
    p_drop_id uuid,
    p_look integer, -- the number of this reading of the whole list
    p_started_at timestamptz, -- when it began, or earlier
    p_counts jsonb, -- {normal, super}: as the message had them then
    p_reactors text[], -- who stands on the page: no bots
    p_is_super boolean default false, -- the place at which the next page begins
    p_after_id text default '0',
    p_is_last boolean default false, -- there is no next page
    p_roles jsonb default '{}', -- {user_id: [role_id]}, of those who were asked for
    p_parent_ids text[] default null, -- what the drop's channel belongs to
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_drop public.discord_drops;
    v_look record;
    v_page record;
    v_is_finished boolean;
begin
    perform pg_advisory_xact_lock(hashtextextended('look ' || p_drop_id, 0)); -- taken before members' locks, by this function alone
    select * into v_drop from public.discord_drops where drop_id = p_drop_id and drop_type = 'reaction';
    select * into v_look from public.reaction_looks where drop_id = p_drop_id;
    if v_drop.drop_id is null then
        return jsonb_build_object('outcome', 'drop_not_found');
    elsif v_look.look > p_look or v_look.look = p_look and v_look.finished_at is not null then
        return jsonb_build_object('outcome', 'look_over');
    elsif not internal.drop_pays_reactions(v_drop, v_look.started_at, v_look.finished_at) then
        return jsonb_build_object('outcome', 'drop_over');
    end if;

    v_page := internal.take_page(v_drop, p_look, p_reactors, p_is_last, p_roles, p_parent_ids, p_now);
    v_is_finished := p_is_last and v_page.unasked = '{}' and not v_page.waits;
    perform internal.store_look(
        p_drop_id, p_look, p_started_at, p_counts, p_is_super, p_after_id,
        p_moves => v_page.unasked = '{}' or p_reactors = '{}',
        p_finished_at => case when v_is_finished then p_now end
    );
    return jsonb_build_object(
        'outcome', 'page_taken',
        'paid', cardinality(v_page.paid),
        'refused', cardinality(v_page.refused),
        'unasked', to_jsonb(v_page.unasked),
        'waits', v_page.waits,
        'is_finished', v_is_finished
    );
end
$$;
