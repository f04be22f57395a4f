"""remove_admin_role: a role loses its level."""

from tests.infra.supabase.api.test_set_admin_role import BY_ROLE
from tests.infra.supabase.internal.test_settings_change import stored
from tests.sql import ADMIN, Database


def test_it_is_gone_at_once_and_the_others_stay(seeded: Database) -> None:
    seeded.set_settings({"admin_roles": {"5": 4, "6": 1}})
    seeded.call("remove_admin_role", ADMIN, role_id="5")
    assert stored(seeded) == {"admin_roles": {"6": 1}}
    assert seeded.call("get_settings", BY_ROLE)["outcome"] == "not_allowed"


def test_whoever_takes_their_own_level_away_is_told_also_once_more(seeded: Database) -> None:
    seeded.set_settings({"admin_roles": {"5": 4}})
    first = seeded.call("remove_admin_role", BY_ROLE, role_id="5")
    assert (first["outcome"], first["level"]) == ("settings_changed", 0)
    assert seeded.call("remove_admin_role", BY_ROLE, role_id="5") == first


def test_a_role_without_a_level(seeded: Database) -> None:
    assert seeded.call("remove_admin_role", ADMIN, role_id="5") == {"outcome": "admin_role_unknown", "role": "5"}
