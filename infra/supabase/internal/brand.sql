-- A brand: whether it pays, and the keys that prove its consent.

-- Refuse what a brand that is switched off would pay: brand_disabled, else NULL. A brand that nobody has added is on:
-- other programs connect servers as well. This runs at every click that may pay. Migration 018 may be missing.
create function internal.brand_refusal(p_brand_id text) returns jsonb
language plpgsql stable
as $$
begin
    if to_regclass('public.brands') is not null then
        perform from public.brands where brand_id = p_brand_id and not is_active;
        if found then
            return jsonb_build_object('outcome', 'brand_disabled');
        end if;
    end if;
    return null;
end
$$;

-- Give what a brand calls itself; NULL where nobody has said. Migrations 013 and 018 may be missing.
create function internal.brand_name(p_brand_id text) returns text
language plpgsql stable
as $$
begin
    if p_brand_id is null or to_regclass('public.brands') is null then
        return null;
    end if;
    return (select nullif(trim(name), '') from public.brands where brand_id = p_brand_id);
end
$$;

-- Refuse whoever does not have the brand's connect key: brand_key_refused, the same for a wrong key and an unknown
-- brand, by the same one look; with the key brand_disabled, else NULL. Lock the key, so that a rotation waits for
-- whoever connects by the old one. VOLATILE: needs a new snapshot.
create function internal.connect_key_refusal(p_brand_id text, p_key_hash text) returns jsonb
language plpgsql volatile
as $$
begin
    perform from public.brand_keys where brand_id = p_brand_id and kind = 'connect' and key = p_key_hash for share;
    if not found then
        return jsonb_build_object('outcome', 'brand_key_refused');
    end if;
    return internal.brand_refusal(p_brand_id);
end
$$;

-- Give a brand a new connect key in place of the one that it has, and give the key: 256 random bits as 43 characters
-- that a URL can hold. Only its hash is kept.
create function internal.renew_connect_key(p_brand_id text, p_now timestamptz) returns text
language plpgsql volatile
as $$
declare
    -- Three of these have 366 bits from the system's source of randomness; pgcrypto may be anywhere.
    v_random bytea := sha256(
        uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    );
    v_key text := translate(encode(v_random, 'base64'), '+/=', '-_');
begin
    insert into public.brand_keys (brand_id, kind, key, created_at)
    values (p_brand_id, 'connect', internal.key_hash(v_key), p_now)
    on conflict (brand_id) where kind = 'connect' do update
    set key = excluded.key, created_at = excluded.created_at;
    return v_key;
end
$$;

-- Give what is kept of a connect key. Callers send this instead of the key, so that no log of the database has the key.
create function internal.key_hash(p_key text) returns text
language sql immutable
as $$
    select pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p_key, 'UTF8')), 'hex')
$$;

-- Refuse a change of a brand that is not there: migration_missing {migration}, brand_not_found {brand_id}; else NULL.
-- Lock the brand, so that changes of it follow each other.
create function internal.brand_change_refusal(p_brand_id text) returns jsonb
language plpgsql volatile
as $$
declare
    v_refusal jsonb := internal.migration_refusal('018');
begin
    if v_refusal is null then
        perform from public.brands where brand_id = p_brand_id for no key update;
        if not found then
            v_refusal := jsonb_build_object('outcome', 'brand_not_found', 'brand_id', p_brand_id);
        end if;
    end if;
    return v_refusal;
end
$$;

-- Give what an operator reads of a brand: {brand_id, name, is_active, has_connect_key, program_keys, servers: how many
-- are connected}.
create function internal.brand_facts(p_brand_id text) returns jsonb
language plpgsql stable
as $$
begin
    return (
        select jsonb_build_object(
            'brand_id', b.brand_id,
            'name', b.name,
            'is_active', b.is_active,
            'has_connect_key', exists (
                select from public.brand_keys as k where k.brand_id = b.brand_id and k.kind = 'connect'
            ),
            'program_keys', (
                select coalesce(jsonb_agg(k.key order by k.created_at, k.key), '[]') from public.brand_keys as k
                where k.brand_id = b.brand_id and k.kind = 'program'
            ),
            'servers', (
                select count(*) from public.discord_server_configs as s
                where s.brand_id = b.brand_id and s.is_active is not false
            )
        )
        from public.brands as b where b.brand_id = p_brand_id
    );
end
$$;
