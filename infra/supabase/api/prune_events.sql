-- Forget what was recorded of items more than a week ago: empty whole parts of recorded_items, then delete up to p_batch
-- reactions. Late, interrupted or run twice it does no harm.
-- Gives {emptied: how many parts, deleted: how many reactions}; call it until deleted is 0. Nothing without migration 021.
create function public.prune_events(p_batch integer default 50000, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_emptied integer := 0;
    v_deleted integer := 0;
begin
    if internal.migration_refusal('021') is null then
        -- First, while this holds nothing: whoever records reads all parts, and holds them to the end.
        v_emptied := internal.empty_old_slots(p_now);
        delete from public.message_reactions where ctid = any (array(
            select ctid from public.message_reactions where changed_at < p_now - interval '8 days'
            order by changed_at
            limit p_batch
            for update skip locked
        ));
        get diagnostics v_deleted = row_count;
    end if;
    return jsonb_build_object('emptied', v_emptied, 'deleted', v_deleted);
end
$$;
