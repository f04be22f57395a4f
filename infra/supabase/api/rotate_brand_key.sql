-- Give a brand a new connect key, and give it: this once. The old one connects no server any more; those that are
-- connected stay so.
-- Outcomes: brand_key_rotated {brand, as internal.brand_facts, and key}; brand_not_found {brand_id}; migration_missing
-- {migration}.
create function public.rotate_brand_key(p_brand_id text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.brand_change_refusal(p_brand_id);
    v_key text;
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    v_key := internal.renew_connect_key(p_brand_id, p_now);
    return jsonb_build_object('outcome', 'brand_key_rotated', 'brand', internal.brand_facts(p_brand_id), 'key', v_key);
end
$$;
