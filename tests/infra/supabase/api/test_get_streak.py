"""get_streak: the streak as it counts at the moment, when it goes on, when it ends, and what waits to be taken."""

from datetime import UTC, datetime

import pytest

from tests.sql import ADMIN, BOB, DAY, HOUR, NOON, SECOND, Caller, Database, Row

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
    "reached_at": "2026-03-16T00:00:00+00:00",
    "milestones": [],
}


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server whose daily check-in pays 25, and an unrelated member."""
    db.connect_server()
    db.add_event("daily_checkin", 25)
    db.add_streak("1003", 400, last_checkin=NOON)
    return db


def look(db: Database, at: datetime = NOON, member: Caller = BOB) -> Row:
    return db.call("get_streak", member, now=at)


def test_who_never_came_has_no_streak_and_can_begin_one(seeded: Database) -> None:
    assert look(seeded) == NOTHING


def test_who_came_today_is_told_when_the_next_day_begins(seeded: Database) -> None:
    seeded.call("check_in", BOB, now=NOON)
    assert look(seeded) == NOTHING | {
        "streak": 1,
        "longest": 1,
        "is_open": True,
        "next_at": "2026-03-11T00:00:00+00:00",
        "deadline": "2026-03-12T00:00:00+00:00",
    }


@pytest.mark.parametrize("hours", [24, 72])
def test_a_cooldown_of_the_check_in_is_ignored_by_all(seeded: Database, hours: int) -> None:
    seeded.run("update monitoring_rules set cooldown_hours = %s", hours)
    told = seeded.call("check_in", BOB, now=NOON)["next_at"]
    assert told == "2026-03-11T00:00:00+00:00"
    assert look(seeded)["next_at"] == told
    found = seeded.call("get_cooldowns", BOB, now=NOON)
    assert (found["daily"]["next_at"], found["waiting"]) == (told, [])
    assert seeded.call("check_in", BOB.again(), now=NOON + 12 * HOUR - SECOND)["outcome"] == "already_checked_in"
    assert seeded.call("check_in", BOB.again(), now=NOON + 12 * HOUR)["streak"] == 2
    drops = [seeded.add_drop(event_id="daily_checkin") for _ in range(2)]
    later = NOON + 13 * HOUR
    assert {seeded.call("claim_drop", BOB.again(), drop_id=d, now=later)["outcome"] for d in drops} == {"claimed"}
    (event,) = seeded.call("list_events", ADMIN)["events"]
    assert (event["cooldown_hours"], event["ignored_cooldown_hours"]) == (None, hours)


@pytest.mark.parametrize("change", ["is_enabled = false", "max_total_claims = 0", "event_type = 'another'"])
def test_a_check_in_that_is_closed_is_told(seeded: Database, change: str) -> None:
    seeded.run(f"update monitoring_rules set {change}")
    assert look(seeded)["is_open"] is False


def test_who_came_yesterday_can_go_on_now(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 8, longest_streak=9)
    assert look(seeded) == NOTHING | {
        "streak": 8,
        "longest": 9,
        "multiplier": 1.25,
        "deadline": "2026-03-11T00:00:00+00:00",
        "next_milestone": {"days": 30, "reward": 200},
        "reached_at": "2026-03-31T00:00:00+00:00",
        "milestones": [{"days": 7, "reward": 50}],
    }


def test_a_lapsed_streak_is_none_and_the_record_stays(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 40)
    assert look(seeded, MIDNIGHT - SECOND)["streak"] == 40
    assert look(seeded, MIDNIGHT) == NOTHING | {
        "longest": 40,
        "next_milestone": {"days": 100, "reward": 1000},
        "reached_at": "2026-06-18T00:00:00+00:00",
        "milestones": [{"days": 7, "reward": 50}, {"days": 30, "reward": 200}],
    }


def test_it_says_the_same_before_and_after_lapsed_streaks_are_written_down(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 40)
    before = look(seeded, MIDNIGHT)
    assert seeded.call("reset_streaks", now=MIDNIGHT)["reset"] == 1
    assert look(seeded, MIDNIGHT) == before


def test_what_it_says_of_the_next_check_in_is_what_check_in_says(seeded: Database) -> None:
    seeded.set_settings({"timezone": "America/New_York", "streak": {"grace_hours": 30}})
    paid = seeded.call("check_in", BOB, now=NOON)
    told = look(seeded, NOON + HOUR)
    refused = seeded.call("check_in", BOB.again(), now=NOON + HOUR)
    assert told["next_at"] == paid["next_at"] == refused["next_at"] == "2026-03-11T04:00:00+00:00"
    assert told["deadline"] == paid["deadline"] == "2026-03-12T10:00:00+00:00"
    assert told["next_milestone"] == paid["next_milestone"]
    assert told["reached_at"] == paid["reached_at"] == "2026-03-16T04:00:00+00:00"


def test_who_moved_west_with_the_server_has_checked_in_until_the_calendar_is_past_that_day(seeded: Database) -> None:
    seeded.set_settings({"timezone": "Pacific/Kiritimati"})
    seeded.call("check_in", BOB, now=NOON)  # the 11th there
    seeded.set_settings({"timezone": "America/New_York"})
    assert look(seeded)["next_at"] is not None
    assert look(seeded)["next_at"] == "2026-03-12T04:00:00+00:00"


def test_tiers_and_milestones_of_the_servers_own(seeded: Database) -> None:
    tiers = [{"days": 10, "multiplier": 3}, {"days": 2, "multiplier": 1.5}]
    milestones = [{"days": 10, "reward": 7}, {"days": 2.0, "reward": 3, "name": "two"}, {"days": 2, "reward": 4}]
    seeded.set_settings({"streak": {"tiers": tiers, "milestones": milestones}})
    seeded.add_streak(BOB.user_id, 9)
    told = look(seeded)
    assert told["multiplier"] == 1.5
    assert told["milestones"] == [{"days": 2, "reward": 4}]
    assert told["next_milestone"] == {"days": 10, "reward": 7}


def test_a_server_without_milestones(seeded: Database) -> None:
    seeded.set_settings({"streak": {"milestones": []}})
    seeded.add_streak(BOB.user_id, 9)
    told = look(seeded)
    assert (told["milestones"], told["next_milestone"], told["reached_at"]) == ([], None, None)


def test_a_milestone_that_today_can_bring_has_no_date(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 6)
    assert look(seeded)["reached_at"] is None


def test_a_milestone_that_is_taken_waits_no_more(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 31)
    seeded.call("claim_milestone", BOB, days=7, now=NOON)
    assert look(seeded)["milestones"] == [{"days": 30, "reward": 200}]


def test_a_milestone_that_the_record_has_reached_is_not_the_next(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 2, longest_streak=31)
    assert look(seeded)["next_milestone"] == {"days": 100, "reward": 1000}
    assert seeded.call("check_in", BOB, now=NOON)["next_milestone"] == {"days": 100, "reward": 1000}


def test_the_streak_of_another_server_is_not_this_ones(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_streak(BOB.user_id, 5, server_id="78")
    assert look(seeded) == NOTHING


@pytest.mark.parametrize(
    "change", ["update discord_server_configs set is_active = false", "delete from discord_server_configs"]
)
def test_a_server_that_is_not_connected(seeded: Database, change: str) -> None:
    seeded.run(change)
    assert look(seeded) == {"outcome": "server_not_connected"}


def test_it_changes_nothing(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 40, last_checkin=NOON - 9 * DAY)
    before = seeded.contents()
    look(seeded)
    assert seeded.contents() == before
