"""list_time_zones: suggestions for a time zone."""

from datetime import UTC, datetime

import pytest

from tests.sql import ADMIN, NOON, Caller, Database


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server."""
    db.connect_server()
    return db


def zones(db: Database, search: str) -> list[str]:
    """The names that are suggested."""
    return [zone["zone"] for zone in db.call("list_time_zones", ADMIN, search=search, now=NOON)["zones"]]


@pytest.mark.parametrize("search", ["berlin", " BERLIN ", "europe/ber", "rope/berl"])
def test_a_part_of_the_name_will_do(seeded: Database, search: str) -> None:
    assert zones(seeded, search) == ["Europe/Berlin"]


def test_a_place_can_be_typed_with_spaces(seeded: Database) -> None:
    assert zones(seeded, "new york") == ["America/New_York"]


def test_what_begins_so_stands_first_then_the_places_that_do(seeded: Database) -> None:
    found = zones(seeded, "ja")
    assert found[:2] == ["Jamaica", "Japan"]
    assert found.index("Asia/Jakarta") < found.index("Africa/Abidjan")


@pytest.mark.parametrize("search", ["", "a", "europe/"])
def test_at_most_25(seeded: Database, search: str) -> None:
    assert len(zones(seeded, search)) == 25


@pytest.mark.parametrize("search", ["posix", "right/", "localtime", "Factory", "%", "_%", "nowhere", "\\"])
def test_what_is_no_place(seeded: Database, search: str) -> None:
    assert zones(seeded, search) == []


@pytest.mark.parametrize(
    ("search", "offset"), [("asia/kolkata", 330), ("america/st_johns", -150), ("etc/utc", 0), ("europe/berlin", 60)]
)
def test_how_far_ahead_of_utc(seeded: Database, search: str, offset: int) -> None:
    (zone,) = seeded.call("list_time_zones", ADMIN, search=search, now=NOON)["zones"]
    assert zone["offset"] == offset


def test_in_summer_the_clock_is_another(seeded: Database) -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    (zone,) = seeded.call("list_time_zones", ADMIN, search="europe/berlin", now=summer)["zones"]
    assert zone["offset"] == 120


def test_who_may_not_is_refused(db: Database) -> None:
    assert db.call("list_time_zones", ADMIN, search="") == {"outcome": "server_not_connected"}
    assert db.call("list_time_zones", Caller(required_level=4), search="")["outcome"] == "not_allowed"
