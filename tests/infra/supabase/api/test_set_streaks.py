"""set_streaks: the rules of a server's streaks."""

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.infra.supabase.internal.test_settings_change import log, stored
from tests.sql import ADMIN, DAY, HOUR, NOON, Caller, Database, Row

TIERS = [{"days": 2, "multiplier": 1.5}, {"days": 5, "multiplier": 3}]
MILESTONES = [{"days": 2, "reward": 20.5}]
DEFAULT = Jsonb("default")
BOB = Caller(user_id="1002")


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server with a check-in that pays 10."""
    db.connect_server()
    db.add_event("daily_checkin", 10)
    return db


def set_streaks(db: Database, now: datetime = NOON, **given: Any) -> Row:
    """A /config streaks."""
    return db.call("set_streaks", ADMIN.again(), **given, now=now)


def test_what_is_given_is_set_and_the_rest_stays_a_default(seeded: Database) -> None:
    result = set_streaks(seeded, grace_hours=48, tiers=TIERS)
    assert stored(seeded) == {"streak": {"grace_hours": 48, "tiers": TIERS}}
    assert result["before"]["defaults"] == ["timezone", "grace_hours", "tiers", "milestones"]
    assert result["after"]["defaults"] == ["timezone", "milestones"]
    set_streaks(seeded, milestones=MILESTONES, timezone="Asia/Tokyo")
    assert stored(seeded) == {
        "timezone": "Asia/Tokyo",
        "streak": {"grace_hours": 48, "tiers": TIERS, "milestones": MILESTONES},
    }


def test_it_holds_from_the_next_check_in_on(seeded: Database) -> None:
    seeded.add_streak("1002", 4)
    set_streaks(seeded, tiers=TIERS, milestones=MILESTONES)
    paid = seeded.call("check_in", BOB.again(), now=NOON)
    assert (paid["streak"], paid["amount"]) == (5, 30)
    assert seeded.call("claim_milestone", BOB.again(), now=NOON)["amount"] == 20.5


def test_default_puts_a_list_back(seeded: Database) -> None:
    set_streaks(seeded, tiers=TIERS, milestones=MILESTONES, grace_hours=8)
    result = set_streaks(seeded, tiers=DEFAULT)
    assert stored(seeded) == {"streak": {"grace_hours": 8, "milestones": MILESTONES}}
    assert result["after"]["defaults"] == ["timezone", "tiers"]
    assert set_streaks(seeded, tiers=DEFAULT)["outcome"] == "settings_unchanged"


def test_default_is_nothing_to_what_another_program_keeps_there(seeded: Database) -> None:
    seeded.set_settings({"streak": {"theirs": "default"}})
    set_streaks(seeded, grace_hours=8)
    set_streaks(seeded, tiers=DEFAULT, milestones=DEFAULT)
    assert stored(seeded) == {"streak": {"theirs": "default", "grace_hours": 8}}


@pytest.mark.parametrize("settings", [None, {}, {"streak": {}}])
def test_a_default_that_is_one_already_is_no_change(db: Database, settings: Any) -> None:
    db.connect_server(settings=settings)
    assert set_streaks(db, tiers=DEFAULT, milestones=DEFAULT)["outcome"] == "settings_unchanged"
    assert set_streaks(db)["outcome"] == "settings_unchanged"
    assert stored(db) == settings
    assert log(db) == []


def test_an_empty_list_is_none_at_all(seeded: Database) -> None:
    seeded.add_streak("1002", 29)
    after = set_streaks(seeded, tiers=[], milestones=[])["after"]
    assert (after["tiers"], after["milestones"]) == ([], [])
    assert seeded.call("check_in", BOB.again(), now=NOON)["amount"] == 10
    assert seeded.call("claim_milestone", BOB.again(), now=NOON)["outcome"] == "no_milestone"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "posix/Europe/Berlin", "localtime", "+02:00", "x" * 1000])
def test_a_time_zone_that_there_is_not(seeded: Database, zone: str) -> None:
    assert set_streaks(seeded, timezone=zone, grace_hours=5) == {"outcome": "time_zone_unknown", "timezone": zone}
    assert stored(seeded) is None


def test_a_time_zone_is_found_however_it_is_written(seeded: Database) -> None:
    assert set_streaks(seeded, timezone="europe/BERLIN")["after"]["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("zone", "shift"), [("Asia/Tokyo", 540), ("America/Los_Angeles", -420), ("Asia/Kolkata", 330), ("Etc/UTC", 0)]
)
def test_it_tells_by_how_much_the_clock_moves(seeded: Database, zone: str, shift: int) -> None:
    assert set_streaks(seeded, timezone=zone)["clock_shift"] == shift


def test_a_zone_in_the_east_begins_the_day_earlier(seeded: Database) -> None:
    evening = datetime(2026, 3, 10, 20, tzinfo=UTC)
    seeded.call("check_in", BOB.again(), now=NOON)
    seeded.add_streak("1003", 5, last_checkin=NOON - DAY)
    assert seeded.call("check_in", BOB.again(), now=evening)["outcome"] == "already_checked_in"
    set_streaks(seeded, evening, timezone="Asia/Tokyo")  # where it is the 11th
    assert seeded.call("check_in", BOB.again(), now=evening)["streak"] == 2
    assert seeded.call("get_streak", Caller(user_id="1003"), now=evening)["streak"] == 0
    set_streaks(seeded, evening, timezone="UTC")
    assert seeded.call("get_streak", Caller(user_id="1003"), now=evening)["streak"] == 5


def test_a_zone_in_the_west_begins_the_day_later(seeded: Database) -> None:
    seeded.call("check_in", BOB.again(), now=NOON)
    morning = datetime(2026, 3, 11, 1, tzinfo=UTC)
    set_streaks(seeded, morning, timezone="America/Los_Angeles")  # where it is still the 10th
    assert seeded.call("check_in", BOB.again(), now=morning)["outcome"] == "already_checked_in"
    assert seeded.call("check_in", BOB.again(), now=morning + 7 * HOUR)["streak"] == 2


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"grace_hours": 73}, "streak.grace_hours must be a whole number from 1 to 72"),
        ({"tiers": [{"days": 3, "multiplier": 9}]}, "streak.tiers must be a list"),
        ({"tiers": Jsonb("x")}, "streak.tiers must be a list"),
        ({"milestones": [{"days": 3, "reward": 1e10}]}, "streak.milestones may be 50"),
    ],
)
def test_what_another_caller_gets_wrong_is_refused(seeded: Database, given: Row, problem: str) -> None:
    result = set_streaks(seeded, **given)
    assert result["outcome"] == "settings_refused"
    assert result["problem"].startswith(problem)
    assert stored(seeded) is None
