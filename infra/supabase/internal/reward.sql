-- Give what a reward pays and how that came about: {base, streak, streak_multiplier, role_multiplier, flat, amount}. Of
-- several role bonuses take the highest multiplier and the highest flat.
create function internal.reward(p_settings jsonb, p_base numeric, p_streak integer, p_role_ids text[]) returns jsonb
language plpgsql immutable
as $$
declare
    v_streak_multiplier numeric := internal.streak_multiplier(p_settings, p_streak);
    v_role_multiplier numeric := 1.0;
    v_flat numeric := 0;
begin
    if p_settings ? 'role_bonuses' then
        select coalesce(max((value ->> 'multiplier')::numeric), 1.0), coalesce(round(max((value ->> 'flat')::numeric), 2), 0)
        into v_role_multiplier, v_flat
        from jsonb_each(p_settings -> 'role_bonuses')
        where key = any (p_role_ids);
    end if;
    return jsonb_build_object(
        'base', p_base,
        'streak', p_streak,
        'streak_multiplier', v_streak_multiplier,
        'role_multiplier', v_role_multiplier,
        'flat', v_flat,
        'amount', round(p_base * v_streak_multiplier * v_role_multiplier, 2) + v_flat
    );
end
$$;
