-- Let a program act for a brand, by its Ed25519 public key: 64 hexadecimal digits. Adding it again changes nothing.
-- Outcomes: brand_changed {brand, as internal.brand_facts}; program_key_invalid; brand_not_found {brand_id};
-- migration_missing {migration}.
create function public.add_program_key(p_brand_id text, p_public_key text, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_refusal jsonb := internal.brand_change_refusal(p_brand_id);
begin
    if v_refusal is not null then
        return v_refusal;
    elsif coalesce(p_public_key, '') !~* '^[0-9a-f]{64}$' then
        return jsonb_build_object('outcome', 'program_key_invalid');
    end if;
    insert into public.brand_keys (brand_id, kind, key, created_at)
    values (p_brand_id, 'program', lower(p_public_key), p_now)
    on conflict (brand_id, kind, key) do nothing;
    return jsonb_build_object('outcome', 'brand_changed', 'brand', internal.brand_facts(p_brand_id));
end
$$;
