-- Add a brand, for an operator or the portal, and give its connect key: this once, because only its hash is kept.
-- Outcomes: brand_added {brand, as internal.brand_facts, and key}; brand_exists {brand_id}; brand_id_invalid: empty,
-- longer than 100 characters, or with spaces around it, so that no /setup connect could name it; migration_missing
-- {migration}.
create function public.add_brand(p_brand_id text, p_name text default null, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.migration_refusal('018');
    v_key text;
begin
    if v_refusal is not null then
        return v_refusal;
    elsif coalesce(p_brand_id, '') !~ '^\S(.{0,98}\S)?$' then
        return jsonb_build_object('outcome', 'brand_id_invalid');
    end if;
    insert into public.brands (brand_id, name) values (p_brand_id, nullif(trim(p_name), ''))
    on conflict (brand_id) do nothing;
    if not found then
        return jsonb_build_object('outcome', 'brand_exists', 'brand_id', p_brand_id);
    end if;
    v_key := internal.renew_connect_key(p_brand_id, p_now);
    return jsonb_build_object('outcome', 'brand_added', 'brand', internal.brand_facts(p_brand_id), 'key', v_key);
end
$$;
