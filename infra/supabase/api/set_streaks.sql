-- Change the rules of a server's streaks; keep what is NULL. Tiers and milestones are lists, or "default".
-- Outcomes: those of internal.change_settings; not_allowed; server_not_connected; time_zone_unknown {timezone}.
create function public.set_streaks(
    p_caller internal.caller,
    p_timezone text default null,
    p_grace_hours integer default null,
    p_tiers jsonb default null,
    p_milestones jsonb default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
    v_current record;
    v_streak jsonb;
    v_zone text;
begin
    v_current := internal.lock_settings_to_change(p_caller, p_now);
    if v_current.answer is not null then
        return v_current.answer;
    end if;
    if p_timezone is not null then
        select zone into v_zone from internal.time_zones() as zone where lower(zone) = lower(p_timezone);
        if not found then
            return internal.keep_answer(
                p_caller, jsonb_build_object('outcome', 'time_zone_unknown', 'timezone', p_timezone)
            );
        end if;
    end if;

    v_streak := coalesce(v_current.settings -> 'streak', '{}') || jsonb_strip_nulls(jsonb_build_object(
        'grace_hours', p_grace_hours, 'tiers', p_tiers, 'milestones', p_milestones
    ));
    v_streak := v_streak - array_remove(array[
        case when p_tiers = '"default"' then 'tiers' end, case when p_milestones = '"default"' then 'milestones' end
    ], null);
    return internal.change_settings(
        p_caller,
        v_current.settings,
        jsonb_strip_nulls(jsonb_build_object('timezone', v_zone)) || jsonb_build_object(
            'streak', case when v_current.settings ? 'streak' or v_streak <> '{}' then v_streak end
        ),
        p_now
    );
end
$$;
