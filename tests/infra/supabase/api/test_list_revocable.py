"""list_revocable: which rows of a member's ledger can be taken back."""

import pytest
from psycopg.types.json import Jsonb

from tests.sql import ADMIN, DAY, HOUR, NOON, Database


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server in Auckland, where three members of two servers have rows."""
    db.connect_server(settings={"timezone": "Pacific/Auckland"})
    db.add_event("quest", 10, label="Quest!")
    for days in range(3):
        db.add_reward(10 + days, NOON - days * DAY, reason="because")
    db.add_reward(99, NOON, "1003")
    db.add_reward(98, NOON, server_id="78")
    return db


def amounts(db: Database, typed: str | None = None) -> list[float]:
    """The amounts of the rows that are listed."""
    found = db.call("list_revocable", ADMIN, member_id="1002", typed=typed)
    return [entry["amount"] for entry in found["entries"]]


def test_the_newest_row_is_first_with_what_people_read(seeded: Database) -> None:
    found = seeded.call("list_revocable", ADMIN, member_id="1002")["entries"]
    assert [entry["amount"] for entry in found] == [12, 11, 10]
    number = seeded.value("select id from reward_ledger where amount = 10")
    assert found[2] == {
        "entry": number,
        "amount": 10,
        "source": "claim",
        "event": "Quest!",
        "reason": "because",
        "at": "2026-03-10T12:00:00+00:00",
        "balance": 10,
        "day": "2026-03-11",
    }


def test_what_is_taken_back_and_what_takes_back_is_left_out(seeded: Database) -> None:
    number = seeded.value("select id from reward_ledger where amount = 11")
    seeded.call("revoke_reward", ADMIN.again(), member_id="1002", entry=number)
    assert amounts(seeded) == [12, 10]


def test_a_number_finds_an_old_row(seeded: Database) -> None:
    number = seeded.value("select id from reward_ledger where amount = 10")
    for minute in range(100):
        seeded.add_reward(1, NOON + minute * HOUR)
    assert amounts(seeded) == [1] * 100
    assert amounts(seeded, str(number)) == [10, *[1] * 99]


def test_a_member_without_rows_and_a_server_that_is_not_connected(seeded: Database) -> None:
    assert seeded.call("list_revocable", ADMIN, member_id="1")["entries"] == []
    seeded.run("update discord_server_configs set is_active = false, config_metadata = %s", Jsonb({}))
    assert seeded.call("list_revocable", ADMIN, member_id="1002") == {"outcome": "server_not_connected"}
