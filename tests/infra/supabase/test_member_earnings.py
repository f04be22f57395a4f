"""member_earnings, what the leaderboards read: the sums of the ledger, whoever writes it and in whatever order."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import DAY, HOUR, NOON, Caller, Database

BOB = Caller(user_id="1002")


def earnings(db: Database) -> dict[str, tuple[Decimal, int]]:
    """What Bob has earned, by period."""
    rows = db.rows("select period, rsnc, claims from member_earnings where discord_user_id = '1002'")
    return {row["period"]: (row["rsnc"], row["claims"]) for row in rows}


def test_a_payment_counts_in_its_month_its_week_and_for_ever(seeded: Database) -> None:
    seeded.add_reward(2.5, datetime(2026, 1, 1, 12, tzinfo=UTC))
    seeded.add_reward(4, datetime(2026, 1, 4, 12, tzinfo=UTC))
    seeded.add_reward(8, datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert earnings(seeded) == {
        "all": (Decimal("14.5"), 3),
        "2026-01": (Decimal("14.5"), 3),
        "2026-W01": (Decimal("6.5"), 2),
        "2026-W02": (Decimal(8), 1),
    }


def test_a_reversal_takes_the_amount_and_leaves_the_claim(seeded: Database) -> None:
    seeded.add_reward(10, NOON)
    seeded.add_reward(-10, NOON + HOUR, source="reversal")
    assert set(earnings(seeded).values()) == {(Decimal(0), 1)}


def test_the_day_is_that_of_the_servers_zone(db: Database) -> None:
    db.connect_server(settings={"timezone": "Pacific/Auckland"})
    db.add_reward(1, datetime(2026, 1, 31, 10, 59, tzinfo=UTC))
    db.add_reward(2, datetime(2026, 1, 31, 11, tzinfo=UTC))  # midnight in Auckland
    assert [row["day"] for row in db.rows("select day from reward_ledger order by id")] == [
        date(2026, 1, 31),
        date(2026, 2, 1),
    ]
    assert (earnings(db)["2026-01"], earnings(db)["2026-02"]) == ((Decimal(1), 1), (Decimal(2), 1))


def test_another_zone_moves_no_payment_of_the_past(db: Database) -> None:
    db.connect_server(settings={"timezone": "Pacific/Kiritimati"})
    db.add_reward(1, datetime(2026, 1, 31, 11, tzinfo=UTC))
    db.set_settings({"timezone": "Pacific/Pago_Pago"})
    db.add_reward(2, datetime(2026, 2, 1, 1, tzinfo=UTC))
    assert (earnings(db)["2026-01"], earnings(db)["2026-02"]) == ((Decimal(2), 1), (Decimal(1), 1))
    assert db.wrong_earnings() == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1002", "1003"]),
            st.sampled_from(["claim", "daily", "reversal"]),
            st.decimals(-50, 50, places=2),
            st.integers(-40, 40),
            st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]),
        ),
        max_size=12,
    )
)
def test_whatever_is_written_the_sums_are_those_of_the_ledger(
    db: Database, rows: list[tuple[str, str, Decimal, int, str]]
) -> None:
    db.empty()
    db.connect_server()
    for member, source, amount, days, zone in rows:
        db.set_settings({"timezone": zone})
        db.add_reward(float(amount), NOON + days * DAY, member, source)
    assert db.wrong_earnings() == []


def test_twenty_payments_of_one_member_at_once(seeded: Database) -> None:
    seeded.race([lambda db: db.add_reward(1.25, NOON)] * 20)
    assert set(earnings(seeded).values()) == {(Decimal(25), 20)}
    assert seeded.wrong_earnings() == []


def test_what_was_paid_before_the_migration_counts(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "009"])
    database.reload_functions(old.url)
    old.connect_server(settings={"timezone": "Asia/Tokyo"})
    for hours, source in ((0, "claim"), (12, "claim"), (30, "reversal")):
        old.add_reward(3, NOON + hours * HOUR, source=source)
    for path in MIGRATIONS:
        if path.name >= "009":
            old.run_file(path)
    assert len(earnings(old)) == 3
    assert old.wrong_earnings() == []
    old.add_reward(3, NOON)
    assert old.wrong_earnings() == []
    assert earnings(old)["all"] == (Decimal(12), 3)


def test_the_migration_can_come_while_members_check_in(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "009"])
    database.reload_functions(old.url)
    old.connect_server()
    old.add_event("daily_checkin", 1)
    migrated = threading.Event()

    def check_in_until_migrated(db: Database) -> list[str]:
        outcomes = []
        for member in itertools.count(2000):
            called = db.call("check_in", Caller(user_id=str(member)).again(), now=NOON)
            outcomes.append(called["outcome"])
            if migrated.is_set() and len(outcomes) > 20:
                return outcomes
        raise AssertionError

    def migrate(db: Database) -> list[str]:
        for path in MIGRATIONS:
            if path.name >= "009":
                db.run_file(path)
        migrated.set()
        return ["checked_in"]

    answered = old.race([check_in_until_migrated, migrate], at_once=2)
    assert {outcome for outcomes in answered for outcome in outcomes} == {"checked_in"}
    assert old.wrong_earnings() == []


# --- A program that repeats itself


DROP = "11111111-1111-4111-8111-111111111111"
ROWS = [
    {"interaction_id": "1"},
    {"source": "drop", "reference": DROP},
    {"source": "milestone", "reference": "7"},
]


def add_again(db: Database, **columns: str) -> None:
    """A row that the ledger takes once, written as an idempotent program writes it."""
    row = {"server_id": "77", "brand_id": "brand", "discord_user_id": "1002", "event_type": "quest", "source": "claim"}
    row |= {"actor_id": "1"} | columns
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    query = f"insert into reward_ledger (amount, created_at, {names}) values (10, %s, {places}) on conflict do nothing"
    db.run(query, NOON, *row.values())


@pytest.mark.parametrize("columns", ROWS, ids=str)
def test_a_row_that_is_there_already_moves_nothing(seeded: Database, columns: dict[str, str]) -> None:
    seeded.add_drop(drop_id=DROP)
    for _ in range(3):
        add_again(seeded, **columns)
    assert seeded.value("select count(*) from reward_ledger") == 1
    assert set(earnings(seeded).values()) == {(Decimal(10), 1)}
    assert seeded.value("select rsnc_earned from discord_user_stats") == 10
    assert seeded.wrong_earnings() == []


@pytest.mark.parametrize("columns", ROWS, ids=str)
def test_nor_where_twenty_write_it_at_once(seeded: Database, columns: dict[str, str]) -> None:
    seeded.add_drop(drop_id=DROP)
    seeded.race([lambda db: add_again(db, **columns)] * 20)
    assert seeded.value("select rsnc_total from discord_user_stats") == 10
    assert seeded.value("select balance_after from reward_ledger") == 10
    assert seeded.wrong_earnings() == []


def test_nor_where_another_names_another_member_meanwhile(seeded: Database) -> None:
    with psycopg.connect(seeded.url, row_factory=dict_row) as first, ThreadPoolExecutor(1) as pool:
        add_again(Database(first, seeded.url), interaction_id="1")
        second = pool.submit(seeded.race, [partial(add_again, interaction_id="1", discord_user_id="1003")])
        while not seeded.value("select count(*) from pg_locks where not granted"):
            assert not second.done()
        first.commit()
    assert seeded.value("select sum(rsnc_total) from discord_user_stats") == 10
    assert seeded.wrong_earnings() == []


def test_of_two_equal_rows_in_one_statement_one_counts(seeded: Database) -> None:
    seeded.run(
        "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id,"
        " interaction_id) select '77', 'brand', '1002', 'quest', 10, 'activity', '1', '9' from generate_series(1, 3)"
        " on conflict (server_id, interaction_id) do nothing"
    )
    assert seeded.value("select rsnc_total from discord_user_stats") == 10
    assert seeded.wrong_earnings() == []
