-- List the brands, for an operator or the portal. It shows no connect key: only their hashes are kept.
-- Outcomes: brands {brands, as internal.brand_facts}; migration_missing {migration}.
create function public.list_brands(p_now timestamptz default now()) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.migration_refusal('018');
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    return jsonb_build_object('outcome', 'brands', 'brands', (
        select coalesce(jsonb_agg(internal.brand_facts(brand_id) order by brand_id), '[]') from public.brands
    ));
end
$$;
