"""remove_role_bonus: a role earns no more than others."""

from tests.infra.supabase.internal.test_settings_change import stored
from tests.sql import ADMIN, Database


def test_it_is_gone_and_the_others_stay(seeded: Database) -> None:
    bonuses = {"5": {"flat": 1}, "6": {"flat": 2}}
    seeded.set_settings({"role_bonuses": bonuses})
    seeded.call("remove_role_bonus", ADMIN, role_id="5")
    assert stored(seeded) == {"role_bonuses": {"6": {"flat": 2}}}


def test_a_role_without_a_bonus(seeded: Database) -> None:
    unknown = {"outcome": "role_bonus_unknown", "role": "5"}
    assert seeded.call("remove_role_bonus", ADMIN, role_id="5") == unknown
    seeded.set_settings({"role_bonuses": {"55": {}}})
    assert seeded.call("remove_role_bonus", ADMIN, role_id="5") == unknown
