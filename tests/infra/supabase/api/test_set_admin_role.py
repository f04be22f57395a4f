"""set_admin_role: everybody with a role gets a level."""

import pytest

from tests.infra.supabase.internal.test_settings_change import stored
from tests.sql import ADMIN, Caller, Database

BY_ROLE = Caller(user_id="9002", role_ids=("5",), required_level=4, interaction_id="7001")


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_role_has_the_level_at_once(seeded: Database, level: int) -> None:
    seeded.call("set_admin_role", ADMIN, role_id="5", level=level)
    assert stored(seeded) == {"admin_roles": {"5": level}}
    assert seeded.call("get_level", BY_ROLE)["level"] == level


def test_whoever_lowers_their_own_level_is_told_also_once_more(seeded: Database) -> None:
    seeded.set_settings({"admin_roles": {"5": 4}})
    first = seeded.call("set_admin_role", BY_ROLE, role_id="5", level=2)
    assert (first["outcome"], first["level"]) == ("settings_changed", 2)
    assert seeded.call("set_admin_role", BY_ROLE, role_id="5", level=2) == first
    assert seeded.call("set_admin_role", BY_ROLE.again(), role_id="5", level=4)["outcome"] == "not_allowed"


def test_everybodys_role_gets_none(seeded: Database) -> None:
    assert seeded.call("set_admin_role", ADMIN, role_id="77", level=1) == {"outcome": "everyone_no_admin"}
    assert stored(seeded) is None
