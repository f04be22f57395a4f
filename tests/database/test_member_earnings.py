"""member_earnings, what the leaderboards read: the sums of the ledger, whoever writes it and in whatever order."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra import database
from tests.database.conftest import MIGRATIONS, MakeDatabase
from tests.sql import DAY, HOUR, NOON, Caller, Database

BOB = Caller(user_id="1002")


def pay(db: Database, amount: float, at: datetime, member: str = "1002", source: str = "claim") -> None:
    """A row of the ledger as another program writes it."""
    db.run(
        "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id,"
        " balance_after, created_at) values ('77', 'brand', %s, 'quest', %s, %s, '1', 0, %s)",
        member,
        Decimal(str(amount)),
        source,
        at,
    )


def earnings(db: Database) -> dict[str, tuple[Decimal, int]]:
    """What Bob has earned, by period."""
    rows = db.rows("select period, rsnc, claims from member_earnings where discord_user_id = '1002'")
    return {row["period"]: (row["rsnc"], row["claims"]) for row in rows}


def test_a_payment_counts_in_its_month_its_week_and_for_ever(room: Database) -> None:
    pay(room, 2.5, datetime(2026, 1, 1, 12, tzinfo=UTC))
    pay(room, 4, datetime(2026, 1, 4, 12, tzinfo=UTC))
    pay(room, 8, datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert earnings(room) == {
        "all": (Decimal("14.5"), 3),
        "2026-01": (Decimal("14.5"), 3),
        "2026-W01": (Decimal("6.5"), 2),
        "2026-W02": (Decimal(8), 1),
    }


def test_a_reversal_takes_the_amount_and_leaves_the_claim(room: Database) -> None:
    pay(room, 10, NOON)
    pay(room, -10, NOON + HOUR, source="reversal")
    assert set(earnings(room).values()) == {(Decimal(0), 1)}


def test_the_day_is_that_of_the_servers_zone(db: Database) -> None:
    db.connect_server(settings={"timezone": "Pacific/Auckland"})
    pay(db, 1, datetime(2026, 1, 31, 10, 59, tzinfo=UTC))
    pay(db, 2, datetime(2026, 1, 31, 11, tzinfo=UTC))  # midnight in Auckland
    assert [row["day"] for row in db.rows("select day from reward_ledger order by id")] == [
        date(2026, 1, 31),
        date(2026, 2, 1),
    ]
    assert (earnings(db)["2026-01"], earnings(db)["2026-02"]) == ((Decimal(1), 1), (Decimal(2), 1))


def test_another_zone_moves_no_payment_of_the_past(db: Database) -> None:
    db.connect_server(settings={"timezone": "Pacific/Kiritimati"})
    pay(db, 1, datetime(2026, 1, 31, 11, tzinfo=UTC))
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"timezone": "Pacific/Pago_Pago"}))
    pay(db, 2, datetime(2026, 2, 1, 1, tzinfo=UTC))
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
        db.run("update discord_server_configs set config_metadata = %s", Jsonb({"timezone": zone}))
        pay(db, float(amount), NOON + days * DAY, member, source)
    assert db.wrong_earnings() == []


def test_twenty_payments_of_one_member_at_once(room: Database) -> None:
    room.race([lambda db: pay(db, 1.25, NOON)] * 20)
    assert set(earnings(room).values()) == {(Decimal(25), 20)}
    assert room.wrong_earnings() == []


def test_what_was_paid_before_the_migration_counts(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "009"])
    database.reload_functions(old.url)
    old.connect_server(settings={"timezone": "Asia/Tokyo"})
    for hours, source in ((0, "claim"), (12, "claim"), (30, "reversal")):
        pay(old, 3, NOON + hours * HOUR, source=source)
    for path in MIGRATIONS:
        if path.name >= "009":
            old.run_file(path)
    assert len(earnings(old)) == 3
    assert old.wrong_earnings() == []
    assert [row["day"].day for row in old.rows("select day from reward_ledger order by id")] == [10, 11, 12]
    with pytest.raises(psycopg.errors.RestrictViolation):
        old.run("update reward_ledger set amount = 0")
