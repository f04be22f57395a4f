"""get_streak: the streak as it counts at the moment, when it goes on, when it ends, and what waits to be taken."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sql import DAY, HOUR, NOON, SECOND, Caller, Database, Row

BOB = Caller(user_id="1002", interaction_id="5001")
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
NOTHING: Row = {
    "outcome": "streak",
    "streak": 0,
    "longest": 0,
    "multiplier": 1,
    "is_open": True,
    "next_at": None,
    "deadline": None,
    "next_milestone": {"days": 7, "reward": 50},
    "milestones": [],
}


@pytest.fixture
def room(db: Database) -> Database:
    """A connected server whose daily check-in pays 25, and a member who is none of the tests' business."""
    db.connect_server()
    db.add_event("daily_checkin", 25)
    db.add_streak("1003", 400, last_checkin=NOON)
    return db


def look(db: Database, at: datetime = NOON, member: Caller = BOB) -> Row:
    return db.call("get_streak", member, now=at)


def settings(db: Database, **values: Any) -> None:
    """Replace the server's settings."""
    db.run("delete from discord_server_configs")
    db.connect_server(settings=values)


def test_who_never_came_has_no_streak_and_can_begin_one(room: Database) -> None:
    assert look(room) == NOTHING


def test_who_came_today_is_told_when_the_next_day_begins(room: Database) -> None:
    room.call("check_in", BOB, now=NOON)
    assert look(room) == NOTHING | {
        "streak": 1,
        "longest": 1,
        "is_open": True,
        "next_at": "2026-03-11T00:00:00+00:00",
        "deadline": "2026-03-12T00:00:00+00:00",
    }


def test_a_cooldown_of_the_check_in_is_told_by_all(room: Database) -> None:
    room.run("update monitoring_rules set cooldown_hours = 30")
    told = room.call("check_in", BOB, now=NOON)["next_at"]
    assert told == "2026-03-11T18:00:00+00:00"
    assert look(room)["next_at"] == told
    assert room.call("get_cooldowns", BOB, now=NOON)["daily"]["next_at"] == told
    assert room.call("check_in", BOB.again(), now=NOON + 30 * HOUR - SECOND)["outcome"] == "cooldown"
    assert room.call("check_in", BOB.again(), now=NOON + 30 * HOUR)["streak"] == 2


@pytest.mark.parametrize("change", ["is_enabled = false", "max_total_claims = 0", "event_type = 'another'"])
def test_a_check_in_that_is_closed_is_told(room: Database, change: str) -> None:
    room.run(f"update monitoring_rules set {change}")
    assert look(room)["is_open"] is False


def test_who_came_yesterday_can_go_on_now(room: Database) -> None:
    room.add_streak(BOB.user_id, 8, longest_streak=9)
    assert look(room) == NOTHING | {
        "streak": 8,
        "longest": 9,
        "multiplier": 1.25,
        "deadline": "2026-03-11T00:00:00+00:00",
        "next_milestone": {"days": 30, "reward": 200},
        "milestones": [{"days": 7, "reward": 50}],
    }


def test_a_lapsed_streak_is_none_and_the_record_stays(room: Database) -> None:
    room.add_streak(BOB.user_id, 40)
    assert look(room, MIDNIGHT - SECOND)["streak"] == 40
    assert look(room, MIDNIGHT) == NOTHING | {
        "longest": 40,
        "next_milestone": {"days": 100, "reward": 1000},
        "milestones": [{"days": 7, "reward": 50}, {"days": 30, "reward": 200}],
    }


def test_it_says_the_same_before_and_after_lapsed_streaks_are_written_down(room: Database) -> None:
    room.add_streak(BOB.user_id, 40)
    before = look(room, MIDNIGHT)
    assert room.call("reset_streaks", now=MIDNIGHT)["reset"] == 1
    assert look(room, MIDNIGHT) == before


def test_what_it_says_of_the_next_check_in_is_what_check_in_says(room: Database) -> None:
    settings(room, timezone="America/New_York", streak={"grace_hours": 30})
    paid = room.call("check_in", BOB, now=NOON)
    told = look(room, NOON + HOUR)
    refused = room.call("check_in", BOB.again(), now=NOON + HOUR)
    assert told["next_at"] == paid["next_at"] == refused["next_at"] == "2026-03-11T04:00:00+00:00"
    assert told["deadline"] == paid["deadline"] == "2026-03-12T10:00:00+00:00"
    assert told["next_milestone"] == paid["next_milestone"]


def test_who_moved_west_with_the_server_has_checked_in_until_the_calendar_is_past_that_day(room: Database) -> None:
    settings(room, timezone="Pacific/Kiritimati")
    room.call("check_in", BOB, now=NOON)  # the 11th there
    settings(room, timezone="America/New_York")
    assert look(room)["next_at"] is not None
    assert look(room)["next_at"] == "2026-03-12T04:00:00+00:00"


def test_tiers_and_milestones_of_the_servers_own(room: Database) -> None:
    tiers = [{"days": 10, "multiplier": 3}, {"days": 2, "multiplier": 1.5}]
    milestones = [{"days": 10, "reward": 7}, {"days": 2.0, "reward": 3, "name": "two"}, {"days": 2, "reward": 4}]
    settings(room, streak={"tiers": tiers, "milestones": milestones})
    room.add_streak(BOB.user_id, 9)
    told = look(room)
    assert told["multiplier"] == 1.5
    assert told["milestones"] == [{"days": 2, "reward": 4}]
    assert told["next_milestone"] == {"days": 10, "reward": 7}


def test_a_server_without_milestones(room: Database) -> None:
    settings(room, streak={"milestones": []})
    room.add_streak(BOB.user_id, 9)
    assert (look(room)["milestones"], look(room)["next_milestone"]) == ([], None)


def test_a_milestone_that_is_taken_waits_no_more(room: Database) -> None:
    room.add_streak(BOB.user_id, 31)
    room.call("claim_milestone", BOB, days=7, now=NOON)
    assert look(room)["milestones"] == [{"days": 30, "reward": 200}]


def test_a_milestone_that_the_record_has_reached_is_not_the_next(room: Database) -> None:
    room.add_streak(BOB.user_id, 2, longest_streak=31)
    assert look(room)["next_milestone"] == {"days": 100, "reward": 1000}
    assert room.call("check_in", BOB, now=NOON)["next_milestone"] == {"days": 100, "reward": 1000}


def test_the_streak_of_another_server_is_not_this_ones(room: Database) -> None:
    room.connect_server("78")
    room.add_streak(BOB.user_id, 5, server_id="78")
    assert look(room) == NOTHING


@pytest.mark.parametrize(
    "change", ["update discord_server_configs set is_active = false", "delete from discord_server_configs"]
)
def test_a_server_that_is_not_connected(room: Database, change: str) -> None:
    room.run(change)
    assert look(room) == {"outcome": "server_not_connected"}


def test_it_changes_nothing(room: Database) -> None:
    room.add_streak(BOB.user_id, 40, last_checkin=NOON - 9 * DAY)
    before = room.contents()
    look(room)
    assert room.contents() == before
