"""reset_streaks: the lapsed streaks are written down, and no other."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.sql import DAY, NOON, SECOND, Caller, Database, Row

# Members.
TODAY, YESTERDAY, LAPSED, LONG_AGO, RESET_BEFORE, IN_THE_FUTURE = map(str, range(1101, 1107))
MEMBER, ANOTHER, ABSENT, ALIVE, ELSEWHERE = map(str, range(1107, 1112))


def streaks(db: Database) -> dict[str, int]:
    """current_streak by member."""
    rows = db.rows("select discord_user_id, current_streak from discord_user_streaks")
    return {row["discord_user_id"]: row["current_streak"] for row in rows}


def test_the_lapsed_and_no_other(db: Database) -> None:
    db.connect_server()
    db.add_streak(TODAY, 4, last_checkin=NOON)
    db.add_streak(YESTERDAY, 5)
    db.add_streak(LAPSED, 6, last_checkin=NOON - 2 * DAY, longest_streak=9)
    db.add_streak(LONG_AGO, 7, last_checkin=NOON - 200 * DAY)
    db.add_streak(RESET_BEFORE, 0, last_checkin=NOON - 9 * DAY, longest_streak=8)
    db.add_streak(IN_THE_FUTURE, 3, last_checkin=NOON + DAY)
    before = db.contents()
    assert db.call("reset_streaks", now=NOON) == {"reset": 2}
    after = db.contents()
    assert streaks(db) == {
        TODAY: 4,
        YESTERDAY: 5,
        LAPSED: 0,
        LONG_AGO: 0,
        RESET_BEFORE: 0,
        IN_THE_FUTURE: 3,
    }
    assert db.value("select longest_streak from discord_user_streaks where discord_user_id = %s", LAPSED) == 9
    assert db.value("select longest_streak from discord_user_streaks where discord_user_id = %s", LONG_AGO) == 7
    assert {name for name in before if before[name] != after[name]} == {"discord_user_streaks"}
    differing = {
        column
        for row in before["discord_user_streaks"]
        for other in after["discord_user_streaks"]
        if row["discord_user_id"] == other["discord_user_id"]
        for column in row
        if row[column] != other[column]
    }
    assert differing == {"current_streak"}


def test_again_there_is_nothing_left(db: Database) -> None:
    db.add_streak(LAPSED, 6, last_checkin=NOON - 2 * DAY)
    assert db.call("reset_streaks", now=NOON) == {"reset": 1}
    before = db.contents()
    assert db.call("reset_streaks", now=NOON) == {"reset": 0}
    assert db.contents() == before


def test_batch_by_batch_over_several_servers(db: Database) -> None:
    for server in ("77", "78", "79"):
        for member in range(5):
            db.add_streak(f"{server}0{member}", 3, server_id=server, last_checkin=NOON - 5 * DAY)
        db.add_streak(f"{server}99", 3, server_id=server)
    counts: list[int] = []
    while not counts or counts[-1]:
        counts.append(db.call("reset_streaks", batch=4, now=NOON)["reset"])
    assert counts == [4, 4, 4, 3, 0]
    assert {member for member, streak in streaks(db).items() if streak} == {"7799", "7899", "7999"}


# A member who came at noon (UTC) of 9 March.
@pytest.mark.parametrize(
    ("settings", "dies_at"),
    [
        (None, "2026-03-11T00:00Z"),
        ({}, "2026-03-11T00:00Z"),
        ({"timezone": "Pacific/Auckland"}, "2026-03-11T11:00Z"),  # it was the 10th there
        ({"timezone": "America/New_York"}, "2026-03-11T04:00Z"),
        ({"streak": {"grace_hours": 8}}, "2026-03-10T08:00Z"),
        ({"streak": {"grace_hours": 48}}, "2026-03-12T00:00Z"),
        ({"streak": {"grace_hours": 72}, "timezone": "Asia/Tokyo"}, "2026-03-12T15:00Z"),
    ],
)
def test_each_server_has_its_own_zone_and_grace(db: Database, settings: Row | None, dies_at: str) -> None:
    if settings is not None:
        db.connect_server(settings=settings)
    db.connect_server("78", settings={"streak": {"grace_hours": 72}})
    db.add_streak(ANOTHER, 4, server_id="78", last_checkin=NOON)
    db.add_streak(MEMBER, 4)
    end = datetime.fromisoformat(dies_at)
    assert db.call("reset_streaks", now=end - SECOND) == {"reset": 0}
    assert db.call("reset_streaks", now=end) == {"reset": 1}
    assert streaks(db) == {ANOTHER: 4, MEMBER: 0}


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_member_who_comes_every_day_survives_days_of_23_and_25_hours(db: Database, day: str) -> None:
    db.connect_server(settings={"timezone": "Europe/Berlin"})
    db.add_event("daily_checkin", 25)
    end_of_day = datetime.fromisoformat(f"{day} 23:59:59").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    db.add_streak(MEMBER, 4, last_checkin=end_of_day.replace(day=end_of_day.day - 1))
    db.add_streak(ABSENT, 4, last_checkin=end_of_day.replace(day=end_of_day.day - 1))
    assert db.call("reset_streaks", now=end_of_day) == {"reset": 0}
    assert db.call("check_in", Caller(MEMBER).again(), now=end_of_day)["streak"] == 5
    assert db.call("reset_streaks", now=end_of_day + SECOND) == {"reset": 1}
    assert streaks(db) == {MEMBER: 5, ABSENT: 0}


def test_two_runs_at_once_reset_each_streak_once(db: Database) -> None:
    for member in range(60):
        db.add_streak(str(member), 3, server_id=str(member % 3), last_checkin=NOON - 5 * DAY)
    db.add_streak(ALIVE, 3)

    def until_nothing_is_left(each: Database) -> int:
        total = 0
        while count := each.call("reset_streaks", batch=7, now=NOON)["reset"]:
            total += count
        return total

    totals = db.race([until_nothing_is_left] * 2, at_once=2)
    left = db.call("reset_streaks", now=NOON)["reset"]  # held by a twin when the other looked
    assert sum(totals) + left == 60
    assert {member for member, streak in streaks(db).items() if streak} == {ALIVE}


def test_a_reset_and_a_check_in_at_the_same_moment(db: Database) -> None:
    db.connect_server()
    db.add_event("daily_checkin", 25)
    members = [f"12{n}" for n in range(20)]
    for member in members:
        db.add_streak(member, 6, last_checkin=NOON - 5 * DAY)
    check_ins = [lambda each, m=m: each.call("check_in", Caller(m).again(), now=NOON) for m in members]
    resets = [lambda each: each.call("reset_streaks", batch=5, now=NOON)] * 6
    db.race([*check_ins[:10], *resets, *check_ins[10:]], at_once=10)
    assert set(streaks(db).values()) == {1}
    db.assert_books_agree()


# Rows that other programs write ----------------------------------------------------------------------------------


def test_a_row_with_a_last_checkin_alone_gets_its_day(db: Database) -> None:
    db.connect_server(settings={"timezone": "Asia/Tokyo"})
    db.add_streak(MEMBER, 4, last_checkin=datetime(2026, 3, 9, 16, tzinfo=UTC))
    db.add_streak(ELSEWHERE, 4, server_id="78", last_checkin=datetime(2026, 3, 9, 16, tzinfo=UTC))
    days = db.rows("select last_day from discord_user_streaks order by server_id")
    assert [row["last_day"] for row in days] == [date(2026, 3, 10), date(2026, 3, 9)]
    assert db.call("reset_streaks", now=datetime(2026, 3, 11, tzinfo=UTC)) == {"reset": 1}
    assert streaks(db) == {MEMBER: 4, ELSEWHERE: 0}


def test_a_new_last_checkin_moves_the_day(db: Database) -> None:
    db.add_streak(MEMBER, 4, last_checkin=NOON - 5 * DAY)
    db.run("update discord_user_streaks set last_checkin = %s, current_streak = 5", NOON)
    assert db.value("select last_day from discord_user_streaks") == date(2026, 3, 10)
    assert db.call("reset_streaks", now=NOON) == {"reset": 0}


def test_a_streak_without_any_check_in_is_no_streak(db: Database) -> None:
    db.add_streak(MEMBER, 4, last_checkin=None)
    assert db.call("reset_streaks", now=NOON) == {"reset": 1}
    assert streaks(db) == {MEMBER: 0}


@pytest.mark.parametrize(
    ("change", "longest"),
    [
        ("longest_streak = 2", 9),
        ("longest_streak = 0, current_streak = 0", 9),
        ("current_streak = 12", 12),
        ("current_streak = 12, longest_streak = 20", 20),
        ("current_streak = 0", 9),
    ],
)
def test_longest_streak_never_falls_whoever_writes(db: Database, change: str, longest: int) -> None:
    db.add_streak(MEMBER, 4, longest_streak=9)
    db.run(f"update discord_user_streaks set {change}")
    assert db.value("select longest_streak from discord_user_streaks") == longest


def test_longest_streak_is_not_behind_from_the_start(db: Database) -> None:
    db.add_streak(MEMBER, 4, longest_streak=0)
    assert db.value("select longest_streak from discord_user_streaks") == 4


def test_nobody_is_waited_for(db: Database) -> None:
    db.connect_server()
    for member in ("1001", "1002", "1003"):
        db.add_streak(member, 6, last_checkin=NOON - 2 * DAY)
    with db.held("select from discord_user_streaks where discord_user_id = '1001' for update"):
        assert db.call("reset_streaks", now=NOON) == {"reset": 2}
    assert streaks(db) == {"1001": 6, "1002": 0, "1003": 0}
