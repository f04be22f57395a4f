"""get_stats: what a server has paid in a period, to the last row of the ledger."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, DAY, HOUR, NOON, SECOND, Caller, Database, Row

MONDAY = date(2026, 3, 9)  # NOON is a Tuesday
WEEK = [MONDAY + timedelta(days=n) for n in range(7)]
PERIODS = ["week", "month", "all"]


def stats(db: Database, period: str | None = None, caller: Caller = ADMIN, at: datetime = NOON) -> Row:
    """The figures as an admin asks for them."""
    return db.call("get_stats", caller, **{"now": at} | ({"period": period} if period else {}))


def days(found: Row) -> dict[str | None, tuple[float, float]]:
    """The days on which something happened: rewards and RSNC."""
    return {day["day"]: (day["rewards"], day["rsnc"]) for day in found["days"] if day["rsnc"] is not None}


def test_nothing_yet(seeded: Database) -> None:
    assert stats(seeded) == {
        "outcome": "stats",
        "period": "week",
        "ends_at": "2026-03-16T00:00:00+00:00",
        "members": 0,
        "rewards": 0,
        "paid": 0,
        "taken_back": 0,
        "days": [{"day": str(day), "rewards": 0, "rsnc": None} for day in WEEK],
        "events": [],
        "top": [],
    }


def test_all_figures_of_a_week(seeded: Database) -> None:
    seeded.run("update monitoring_rules set label = 'Quest!'")
    seeded.add_reward(10, NOON - DAY, "1002")
    seeded.add_reward(2.5, NOON, "1003", event_type="art")
    seeded.add_reward(10, NOON, "1003")
    seeded.add_reward(-10, NOON + HOUR, "1002", "reversal")
    seeded.add_reward(99, NOON - 9 * DAY)
    found = stats(seeded)
    assert (found["members"], found["rewards"], found["paid"], found["taken_back"]) == (2, 3, 22.5, 10)
    assert days(found) == {"2026-03-09": (1, 10), "2026-03-10": (2, 2.5)}
    assert found["events"] == [
        {"event": "quest", "label": "Quest!", "rewards": 2, "rsnc": 10},
        {"event": "art", "label": None, "rewards": 1, "rsnc": 2.5},
    ]
    assert found["top"] == [{"rank": 1, "user_id": "1003", "value": 12.5}]


def test_the_parts_of_each_period(seeded: Database) -> None:
    assert [day["day"] for day in stats(seeded, "week")["days"]] == [str(day) for day in WEEK]
    assert [day["day"] for day in stats(seeded, "month")["days"]] == [f"2026-03-{n:02}" for n in range(1, 11)]
    months = [f"2025-{n:02}-01" for n in range(4, 13)] + [f"2026-{n:02}-01" for n in range(1, 4)]
    assert [day["day"] for day in stats(seeded, "all")["days"]] == [None, *months]


def test_of_all_time_older_months_are_one(seeded: Database) -> None:
    for at in (datetime(1999, 1, 1, tzinfo=UTC), datetime(2025, 3, 31, 23, tzinfo=UTC)):
        seeded.add_reward(3, at)
    seeded.add_reward(5, datetime(2025, 4, 1, tzinfo=UTC))
    assert days(stats(seeded, "all")) == {None: (2, 6), "2025-04-01": (1, 5)}


@pytest.mark.parametrize("period", PERIODS)
def test_what_is_dated_into_the_future_counts_where_the_leaderboard_counts_it(seeded: Database, period: str) -> None:
    for ahead in (0, 1, 20, 400):
        seeded.add_reward(1, NOON + ahead * DAY)
    found = stats(seeded, period)
    assert found["rewards"] == {"week": 2, "month": 3, "all": 4}[period]
    assert sum(rsnc for _, rsnc in days(found).values()) == found["top"][0]["value"] == found["rewards"]


def test_the_five_that_count_most(seeded: Database) -> None:
    for number in range(1, 8):
        for _ in range(number):
            seeded.add_reward(2, NOON, f"100{number}", event_type=f"event_{number}")
    seeded.add_reward(1, NOON, "1001", event_type="event_8")
    found = stats(seeded)
    assert [event["event"] for event in found["events"]] == [f"event_{n}" for n in (7, 6, 5, 4, 3)]
    assert [row["user_id"] for row in found["top"]] == [f"100{n}" for n in (7, 6, 5, 4, 3)]
    assert [row["rank"] for row in found["top"]] == [1, 2, 3, 4, 5]


def test_a_day_on_which_more_was_taken_back_than_paid(seeded: Database) -> None:
    seeded.add_reward(10, NOON - DAY)
    seeded.add_reward(-10, NOON, source="reversal")
    found = stats(seeded)
    assert days(found) == {"2026-03-09": (1, 10), "2026-03-10": (0, -10)}
    assert (found["members"], found["paid"], found["taken_back"], found["top"]) == (1, 10, 10, [])


def test_periods_are_those_of_the_servers_zone(db: Database) -> None:
    db.connect_server(settings={"timezone": "Pacific/Auckland"})
    monday = datetime(2026, 3, 8, 11, tzinfo=UTC)  # begins there
    db.add_reward(1, monday - SECOND)
    db.add_reward(2, monday)
    assert days(stats(db)) == {"2026-03-09": (1, 2)}
    assert stats(db)["ends_at"] == "2026-03-15T11:00:00+00:00"
    assert days(stats(db, at=monday - SECOND))["2026-03-08"] == (1, 1)


def test_another_servers_rows_never_count(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_reward(5, server_id="78")
    for period in PERIODS:
        found = stats(seeded, period)
        assert (found["rewards"], found["members"], found["events"], found["top"]) == (0, 0, [], [])
        elsewhere = stats(seeded, period, replace(ADMIN, server_id="78"))
        assert (elsewhere["rewards"], elsewhere["paid"]) == (1, 5)


def by_hand(rows: list[Row], period: str) -> Row:
    """What the figures should be, by a look at every row."""
    first = {"week": MONDAY, "month": date(2026, 3, 1), "all": date.min}[period]
    end = {"week": MONDAY + 7 * DAY, "month": date(2026, 4, 1), "all": date.max}[period]
    within = [row for row in rows if first <= row["day"] < end]
    earned = [row for row in within if row["source"] != "reversal"]
    shown: Counter[str | None] = Counter()
    for row in within:
        day = row["day"]
        if period == "month":
            day = min(day, NOON.date())
        elif period == "all":
            day = min(day, NOON.date()).replace(day=1)
        shown[None if day < date(2025, 4, 1) else str(day)] += row["amount"]
    events = Counter(row["event_type"] for row in earned)
    return {
        "members": len({row["discord_user_id"] for row in earned}),
        "rewards": len(earned),
        "paid": sum(row["amount"] for row in earned),
        "taken_back": -sum(row["amount"] for row in within if row["source"] == "reversal"),
        "days": dict(shown),
        "events": {event: events[event] for event in {row["event_type"] for row in within}},
    }


def assert_agrees(db: Database) -> None:
    """Every figure of every period is that of the ledger."""
    rows = db.rows(
        "select discord_user_id, event_type, source, amount,"
        " coalesce(day, (created_at at time zone 'Asia/Tokyo')::date) as day from reward_ledger where server_id = '77'"
    )
    for period in PERIODS:
        found, expected = stats(db, period), by_hand(rows, period)
        assert {name: found[name] for name in ("members", "rewards", "paid", "taken_back")} == {
            name: pytest.approx(float(expected[name])) for name in ("members", "rewards", "paid", "taken_back")
        }
        assert {day: rsnc for day, (_, rsnc) in days(found).items()} == pytest.approx(
            {day: float(rsnc) for day, rsnc in expected["days"].items()}
        )
        assert {event["event"]: event["rewards"] for event in found["events"]} == expected["events"]
        board = db.call("get_leaderboard", ADMIN, type="rsnc_earned", period=period, now=NOON)
        assert found["top"] == board["top"][:5]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["77", "77", "78"]),
        st.sampled_from(["1002", "1003", "1004"]),
        st.sampled_from(["quest", "art", "streak_milestone:7"]),
        st.sampled_from(["claim", "daily", "reversal"]),
        st.decimals(-50, 50, places=2),
        st.integers(-500, 40),
    ),
    max_size=15,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_every_figure_is_that_of_the_ledger(db: Database, rows: list[tuple[Any, ...]]) -> None:
    db.empty()
    db.connect_server(settings={"timezone": "Asia/Tokyo"})
    for server, member, event, source, amount, ago in rows:
        db.add_reward(float(amount), NOON + ago * DAY, member, source, server_id=server, event_type=event)
    assert_agrees(db)


def test_rows_from_before_the_migration_count_by_their_time(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "009"])
    database.reload_functions(old.url)
    old.connect_server(settings={"timezone": "Asia/Tokyo"})
    midnight = datetime(2026, 3, 8, 15, tzinfo=UTC)  # Monday begins in Tokyo
    for at in (midnight - 600 * DAY, midnight - 100 * DAY, midnight - SECOND, midnight, NOON):
        old.add_reward(7.5, at)
    for path in MIGRATIONS:
        if path.name >= "009":
            old.run_file(path)
    assert old.value("select count(*) from reward_ledger where day is null") == 5
    old.add_reward(2, NOON)
    old.add_reward(-2, NOON, source="reversal")
    assert_agrees(old)
    assert days(stats(old)) == {"2026-03-09": (1, 7.5), "2026-03-10": (2, 7.5)}


def test_another_zone_later_moves_nothing(db: Database) -> None:
    db.connect_server(settings={"timezone": "Pacific/Kiritimati"})
    db.add_reward(1, datetime(2026, 3, 9, 11, tzinfo=UTC))  # Tuesday there
    db.set_settings({"timezone": "Pacific/Pago_Pago"})
    assert days(stats(db)) == {"2026-03-10": (1, 1)}


def test_amounts_are_exact(seeded: Database) -> None:
    for amount in (0.1, 0.2, 10**12):
        seeded.add_reward(amount)
    exact = seeded.value(
        "select (get_stats(jsonb_populate_record(null::internal.caller, %s), 'all', %s) ->> 'paid')::numeric",
        ADMIN.row(),
        NOON,
    )
    assert exact == Decimal("1000000000000.3")


def test_it_is_for_viewers(seeded: Database) -> None:
    seeded.set_settings({"admin_roles": {"5": 1}})
    viewer = Caller(role_ids=("5",), required_level=1)
    assert stats(seeded, caller=viewer)["outcome"] == "stats"
    for nobody in (replace(viewer, role_ids=()), replace(viewer, required_level=None)):
        assert stats(seeded, caller=nobody)["outcome"] == "not_allowed"


@pytest.mark.parametrize("change", ["is_active = false", "server_id = '7'"])
def test_a_server_that_is_not_connected(seeded: Database, change: str) -> None:
    seeded.run(f"update discord_server_configs set {change}")
    assert stats(seeded) == {"outcome": "server_not_connected"}


def test_a_look_changes_nothing(seeded: Database) -> None:
    seeded.add_reward(5)
    before = seeded.contents()
    stats(seeded, "all")
    assert seeded.contents() == before
