"""get_level: what the caller may use."""

import pytest

from tests.sql import Caller, Database

FULL, EVENTS, PERKS, VIEWERS, OTHERS = "421", "422", "423", "424", "425"
ROLES = {FULL: 4, EVENTS: 3, PERKS: 2, VIEWERS: 1}


@pytest.mark.parametrize(
    ("role_ids", "manages_server", "level"),
    [
        ((), False, 0),
        ((OTHERS,), False, 0),
        ((VIEWERS,), False, 1),
        ((PERKS,), False, 2),
        ((EVENTS,), False, 3),
        ((FULL,), False, 4),
        ((VIEWERS, EVENTS, OTHERS), False, 3),
        ((), True, 4),
        ((VIEWERS,), True, 4),
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
    assert db.call("get_level", Caller(role_ids=(FULL,)))["level"] == 0
    db.connect_server("77")
    assert db.call("get_level", Caller(role_ids=(FULL,)))["level"] == 0


def test_who_manages_a_server_that_is_not_connected_may_connect_it(db: Database) -> None:
    assert db.call("get_level", Caller(manages_server=True))["level"] == 4
