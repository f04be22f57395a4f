"""check_in: once a calendar day of the server, the streak and what it pays."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.sql import BOB, CAROL, DAY, HOUR, NOON, SECOND, Caller, Database, Row

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server whose daily check-in pays 25, and a member who came yesterday."""
    db.connect_server()
    db.add_event("daily_checkin", 25)
    db.add_streak(CAROL.user_id, 5)
    return db


def check_in(db: Database, at: datetime, member: Caller = BOB) -> Row:
    """A new /daily."""
    return db.call("check_in", member.again(), now=at)


def streak_of(db: Database, member: Caller = BOB) -> Row:
    """The member's row without its keys."""
    return db.one(
        "select current_streak, longest_streak, last_checkin, last_day from discord_user_streaks"
        " where discord_user_id = %s",
        member.user_id,
    )


def test_the_first_check_in_pays_the_base_and_starts_the_streak(seeded: Database) -> None:
    alice = streak_of(seeded, CAROL)
    assert seeded.call("check_in", BOB, now=NOON) == {
        "outcome": "checked_in",
        "base": 25,
        "streak": 1,
        "streak_multiplier": 1,
        "role_multiplier": 1,
        "flat": 0,
        "amount": 25,
        "balance": 25,
        "ended_streak": None,
        "next_milestone": {"days": 7, "reward": 50},
        "reached_at": "2026-03-16T00:00:00+00:00",
        "milestones": [],
        "next_at": "2026-03-11T00:00:00+00:00",
        "deadline": "2026-03-12T00:00:00+00:00",
    }
    assert streak_of(seeded) == {
        "current_streak": 1,
        "longest_streak": 1,
        "last_checkin": NOON,
        "last_day": date(2026, 3, 10),
    }
    assert streak_of(seeded, CAROL) == alice
    ledger = seeded.one("select discord_user_id, amount, source, reference, event_type, brand_id from reward_ledger")
    assert list(ledger.values()) == ["1002", Decimal("25.00"), "daily", "2026-03-10", "daily_checkin", "brand"]
    seeded.assert_books_agree()


def test_the_next_day_extends_the_streak(seeded: Database) -> None:
    check_in(seeded, NOON)
    result = check_in(seeded, NOON + 12 * HOUR)
    assert (result["outcome"], result["streak"], result["balance"]) == ("checked_in", 2, 50)
    assert streak_of(seeded)["last_day"] == date(2026, 3, 11)
    assert check_in(seeded, NOON, CAROL)["streak"] == 6
    seeded.assert_books_agree()


def test_once_a_day(seeded: Database) -> None:
    check_in(seeded, NOON)
    before = seeded.contents()
    for at in (NOON, NOON + 12 * HOUR - SECOND, NOON - 12 * HOUR):
        assert check_in(seeded, at) == {
            "outcome": "already_checked_in",
            "streak": 1,
            "next_at": "2026-03-11T00:00:00+00:00",
        }
    assert seeded.contents() == before


@pytest.mark.parametrize(
    ("grace_hours", "last_moment"),
    [
        (1, datetime(2026, 3, 11, 1, tzinfo=UTC)),
        (8, datetime(2026, 3, 11, 8, tzinfo=UTC)),
        (24, datetime(2026, 3, 12, tzinfo=UTC)),
        (48, datetime(2026, 3, 13, tzinfo=UTC)),
        (72, datetime(2026, 3, 14, tzinfo=UTC)),
    ],
)
def test_the_streak_lives_until_the_grace_after_the_end_of_its_last_day_is_over(
    seeded: Database, grace_hours: int, last_moment: datetime
) -> None:
    seeded.set_settings({"streak": {"grace_hours": grace_hours}})
    carol = Caller(user_id="1004")
    for member in (BOB, carol):
        first = check_in(seeded, NOON, member)
        assert datetime.fromisoformat(first["deadline"]) == last_moment
    assert check_in(seeded, last_moment - SECOND, carol)["streak"] == 2
    assert check_in(seeded, last_moment, BOB)["streak"] == 1


def test_without_settings_a_day_may_not_be_missed(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 40, last_checkin=NOON - 2 * DAY)
    result = check_in(seeded, NOON)
    assert (result["streak"], result["amount"]) == (1, 25)
    assert streak_of(seeded)["longest_streak"] == 40


@pytest.mark.parametrize(
    ("grace_hours", "last_day", "at", "streak"),
    [
        # 29 March 2026 has 23 hours
        (24, "2026-03-28", "2026-03-29 23:59:59", 2),
        (24, "2026-03-28", "2026-03-30 00:00:00", 1),
        (24, "2026-03-29", "2026-03-30 23:59:59", 2),
        (24, "2026-03-29", "2026-03-31 00:00:00", 1),
        (8, "2026-03-28", "2026-03-29 07:59:59", 2),
        (8, "2026-03-28", "2026-03-29 08:00:00", 1),
        (48, "2026-03-28", "2026-03-30 23:59:59", 2),
        (48, "2026-03-28", "2026-03-31 00:00:00", 1),
        # 25 October 2026 has 25 hours
        (24, "2026-10-24", "2026-10-25 23:59:59", 2),
        (24, "2026-10-24", "2026-10-26 00:00:00", 1),
        (24, "2026-10-25", "2026-10-26 23:59:59", 2),
        (24, "2026-10-25", "2026-10-27 00:00:00", 1),
        (8, "2026-10-24", "2026-10-25 07:59:59", 2),
        (8, "2026-10-24", "2026-10-25 08:00:00", 1),
        (48, "2026-10-24", "2026-10-26 23:59:59", 2),
        (48, "2026-10-24", "2026-10-27 00:00:00", 1),
    ],
)
def test_days_of_23_and_25_hours_count_as_days(
    seeded: Database, grace_hours: int, last_day: str, at: str, streak: int
) -> None:
    seeded.set_settings({"timezone": "Europe/Berlin", "streak": {"grace_hours": grace_hours}})
    check_in(seeded, datetime.fromisoformat(f"{last_day} 12:00:00").replace(tzinfo=BERLIN))
    assert check_in(seeded, datetime.fromisoformat(at).replace(tzinfo=BERLIN))["streak"] == streak


@pytest.mark.parametrize("last_day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
def test_the_deadline_that_is_told_is_the_one_that_counts(db: Database, last_day: str) -> None:
    noon = datetime.fromisoformat(f"{last_day} 12:00:00").replace(tzinfo=BERLIN)
    wrong = []
    for grace in (1, 2, 3, 4, 8, 23, 24, 25, 26, 27, 47, 48, 49, 72):
        server = str(7000 + grace)
        db.connect_server(server, settings={"timezone": "Europe/Berlin", "streak": {"grace_hours": grace}})
        db.add_event("daily_checkin", 25, server_id=server)
        for early, streak in ((SECOND, 2), (timedelta(), 1)):
            member = Caller(user_id=f"{streak}", server_id=server)
            deadline = datetime.fromisoformat(check_in(db, noon, member)["deadline"])
            wrong += [(grace, deadline)] if check_in(db, deadline - early, member)["streak"] != streak else []
    assert wrong == []


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Pacific/Auckland", datetime(2026, 3, 10, 11, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2026, 3, 10, 10, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 3, 10, 18, 15, tzinfo=UTC)),
        ("UTC", datetime(2026, 3, 10, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_of_the_servers_time_zone(seeded: Database, zone: str, midnight: datetime) -> None:
    seeded.set_settings({"timezone": zone})
    first = check_in(seeded, midnight - SECOND)
    assert datetime.fromisoformat(first["next_at"]) == midnight
    assert check_in(seeded, midnight)["streak"] == 2
    refused = check_in(seeded, midnight + 24 * HOUR - SECOND)
    assert refused["outcome"] == "already_checked_in"
    assert datetime.fromisoformat(refused["next_at"]) == midnight + DAY


def test_a_changed_time_zone_never_gives_a_day_twice(seeded: Database) -> None:
    zones = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Tokyo", "America/New_York"]
    for step in range(20):
        seeded.run(
            "update discord_server_configs set config_metadata = jsonb_build_object('timezone', %s::text)",
            zones[step % len(zones)],
        )
        check_in(seeded, NOON + step * 8 * HOUR)
    days = [row["reference"] for row in seeded.rows("select reference from reward_ledger order by id")]
    assert days == sorted(set(days))
    assert 6 <= len(days) <= 9  # 6.3 days between the westernmost and the easternmost calendar
    seeded.assert_books_agree()


@pytest.mark.parametrize(
    ("streak", "amount"),
    [
        *((1, 25), (2, 25), (3, 27.5), (6, 27.5), (7, 31.25), (13, 31.25)),
        *((14, 37.5), (29, 37.5), (30, 50), (365, 50)),
    ],
)
def test_what_a_streak_multiplies(seeded: Database, streak: int, amount: float) -> None:
    seeded.add_streak(BOB.user_id, streak - 1)
    result = check_in(seeded, NOON)
    assert (result["streak"], result["amount"], result["balance"]) == (streak, amount, amount)
    assert result["streak_multiplier"] == amount / 25


@pytest.mark.parametrize(
    ("streak", "milestone"),
    [
        (1, {"days": 7, "reward": 50}),
        (6, {"days": 7, "reward": 50}),
        (7, {"days": 30, "reward": 200}),
        (30, {"days": 100, "reward": 1000}),
        (364, {"days": 365, "reward": 5000}),
        (365, None),
    ],
)
def test_the_next_milestone(seeded: Database, streak: int, milestone: Row | None) -> None:
    seeded.add_streak(BOB.user_id, streak - 1)
    assert check_in(seeded, NOON)["next_milestone"] == milestone


def test_tiers_and_milestones_of_the_servers_own(seeded: Database) -> None:
    seeded.set_settings(
        {
            "streak": {
                "tiers": [{"days": 10, "multiplier": 3}, {"days": 2, "multiplier": 1.5}],
                "milestones": [{"days": 10, "reward": 7}, {"days": 2, "reward": 3}],
            }
        }
    )
    results = [check_in(seeded, NOON + day * DAY) for day in range(10)]
    assert [r["amount"] for r in results] == [25, *[37.5] * 8, 75]
    assert [(r["next_milestone"] or {}).get("days") for r in results] == [2, *[10] * 8, None]


def test_role_bonuses_count_and_are_told(seeded: Database) -> None:
    seeded.set_settings({"role_bonuses": {"1": {"multiplier": 2}, "2": {"flat": 5}}})
    member = Caller(user_id="1002", role_ids=("1", "2", "3"))
    result = check_in(seeded, NOON, member)
    assert (result["role_multiplier"], result["flat"], result["amount"]) == (2, 5, 55)


def test_the_streak_of_one_server_is_not_that_of_another(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_event("daily_checkin", 40, server_id="78")
    check_in(seeded, NOON)
    elsewhere = check_in(seeded, NOON + DAY, Caller(user_id=BOB.user_id, server_id="78"))
    assert (elsewhere["streak"], elsewhere["balance"]) == (1, 40)


def test_a_redelivery_gets_the_same_answer(seeded: Database) -> None:
    first = seeded.call("check_in", BOB, now=NOON)
    seeded.run("update monitoring_rules set is_enabled = false, reward_amount = 1")
    before = seeded.contents()
    assert seeded.call("check_in", BOB, now=NOON + DAY) == first
    assert seeded.contents() == before


def test_a_streak_that_another_program_wrote_is_extended(seeded: Database) -> None:
    seeded.run(
        "insert into discord_user_streaks (server_id, discord_user_id, current_streak, longest_streak, last_checkin)"
        " values ('77', '1002', 6, 9, %s)",
        NOON - DAY,
    )
    assert check_in(seeded, NOON)["streak"] == 7
    assert streak_of(seeded)["longest_streak"] == 9


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("update monitoring_rules set is_enabled = false", "event_disabled"),
        ("delete from monitoring_rules", "event_not_found"),
        ("delete from discord_server_configs", "server_not_connected"),
    ],
)
def test_a_refused_check_in_changes_nothing(seeded: Database, change: str, outcome: str) -> None:
    seeded.run(change)
    before = seeded.contents()
    assert check_in(seeded, NOON)["outcome"] == outcome
    assert seeded.contents() == before


@pytest.mark.parametrize("is_written_down", [False, True])
def test_a_streak_that_has_lapsed_is_told_once(seeded: Database, is_written_down: bool) -> None:
    for day in range(3):
        assert check_in(seeded, NOON + day * DAY)["ended_streak"] is None
    back = NOON + 6 * DAY
    if is_written_down:
        seeded.call("reset_streaks", now=back)
    assert streak_of(seeded)["current_streak"] == (0 if is_written_down else 3)
    assert [check_in(seeded, back + day * DAY)["ended_streak"] for day in range(2)] == [3, None]
    assert check_in(seeded, back + 9 * DAY)["ended_streak"] == 2


def test_of_twenty_check_ins_at_once_one_pays(seeded: Database) -> None:
    results = seeded.race([lambda db: check_in(db, NOON)] * 20)
    assert sorted(r["outcome"] for r in results) == [*["already_checked_in"] * 19, "checked_in"]
    assert seeded.value("select count(*) from reward_ledger") == 1
    assert streak_of(seeded)["current_streak"] == 1
    seeded.assert_books_agree()


def test_of_twenty_check_ins_of_the_next_day_at_once_one_extends(seeded: Database) -> None:
    results = seeded.race([lambda db: check_in(db, NOON, CAROL)] * 20)
    assert sorted(r["outcome"] for r in results) == [*["already_checked_in"] * 19, "checked_in"]
    assert streak_of(seeded, CAROL)["current_streak"] == 6
    seeded.assert_books_agree()


@pytest.mark.parametrize(
    "change",
    [
        "label = 'Daily'",
        "cooldown_hours = 20",
        "max_claims_per_user = 1",
        "max_total_claims = 1",
    ],
)
def test_one_check_in_delivered_twenty_times_at_once_gets_one_answer(seeded: Database, change: str) -> None:
    seeded.run(f"update monitoring_rules set {change}")
    answers = seeded.race([lambda db: db.call("check_in", BOB, now=NOON)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "checked_in"
    seeded.assert_books_agree()
