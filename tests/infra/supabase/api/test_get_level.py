"""get_level: what the caller may use."""

import pytest

from tests.sql import Caller, Database

ROLES = {"full": 4, "events": 3, "perks": 2, "viewers": 1}


@pytest.mark.parametrize(
    ("role_ids", "manages_server", "level"),
    [
        ((), False, 0),
        (("others",), False, 0),
        (("viewers",), False, 1),
        (("perks",), False, 2),
        (("events",), False, 3),
        (("full",), False, 4),
        (("viewers", "events", "others"), False, 3),
        ((), True, 4),
        (("viewers",), True, 4),
    ],
)
def test_the_highest_of_a_members_roles_counts(
    db: Database, role_ids: tuple[str, ...], manages_server: bool, level: int
) -> None:
    db.connect_server(settings={"admin_roles": ROLES})
    caller = Caller(role_ids=role_ids, manages_server=manages_server)
    assert db.call("get_level", caller) == {"outcome": "level", "level": level}


def test_the_roles_of_another_server_do_not_count(db: Database) -> None:
    db.connect_server("78", settings={"admin_roles": ROLES})
    assert db.call("get_level", Caller(role_ids=("full",)))["level"] == 0
    db.connect_server("77")
    assert db.call("get_level", Caller(role_ids=("full",)))["level"] == 0


def test_who_manages_a_server_that_is_not_connected_may_connect_it(db: Database) -> None:
    assert db.call("get_level", Caller(manages_server=True))["level"] == 4
