-- Let a program no longer act for a brand.
-- Outcomes: brand_changed {brand, as internal.brand_facts}; program_key_unknown; brand_not_found {brand_id};
-- migration_missing {migration}.
create function public.remove_program_key(p_brand_id text, p_public_key text, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.brand_change_refusal(p_brand_id);
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    delete from public.brand_keys where brand_id = p_brand_id and kind = 'program' and key = lower(p_public_key);
    if not found then
        return jsonb_build_object('outcome', 'program_key_unknown');
    end if;
    return jsonb_build_object('outcome', 'brand_changed', 'brand', internal.brand_facts(p_brand_id));
end
$$;
