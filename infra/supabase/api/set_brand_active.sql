-- Switch a brand on or off. Off, nothing is paid in its name from this moment, and no server can connect to it; its
-- servers stay connected, and its drops open.
-- Outcomes: brand_changed {brand, as internal.brand_facts}; brand_not_found {brand_id}; migration_missing {migration}.
create function public.set_brand_active(p_brand_id text, p_is_active boolean, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.brand_change_refusal(p_brand_id);
begin
    if v_refusal is not null then
        return v_refusal;
    end if;
    update public.brands set is_active = p_is_active where brand_id = p_brand_id;
    return jsonb_build_object('outcome', 'brand_changed', 'brand', internal.brand_facts(p_brand_id));
end
$$;
