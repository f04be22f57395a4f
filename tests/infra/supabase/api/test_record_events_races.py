"""record_events beside others that change what it depends on: who may report, who pays, and how much is left."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.infra.supabase.batches import BOB, CAROL, DAVE, event, paid, record, refused
from tests.sql import NOON, SECOND, Caller, Database, Row

PROGRAM = "cd" * 32
TURN = "select pg_advisory_xact_lock(hashtextextended('events of 77', 0))"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for those who wait."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def told(db: Database, *items: Row) -> Row:
    """What a program of the brand is answered, on a connection of its own."""
    with psycopg.connect(db.url, autocommit=True, row_factory=dict_row) as connection:
        sending = {"key": PROGRAM, "is_operator": False, "server_id": "77", "items": list(items), "now": NOON}
        return Database(connection, db.url).call("record_events", **sending)


@contextmanager
def waiting(db: Database, pool: ThreadPoolExecutor, lock: str, call: Any, *arguments: Any) -> Iterator[Future[Any]]:
    """A call that waits for a lock as long as this lasts."""
    with psycopg.connect(db.url) as holder:
        holder.execute(lock)
        started = pool.submit(call, *arguments)
        await_waiters(db)
        yield started


def await_waiters(db: Database, count: int = 1) -> None:
    """Return when so many sessions wait for a lock; fail after ten seconds."""
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    for _ in range(1000):
        if db.value(query) >= count:
            return
        db.run("select pg_sleep(0.01)")
    raise AssertionError


def stats_of(member: str) -> str:
    """What locks a member's stats."""
    return f"select from discord_user_stats where server_id = '77' and discord_user_id = '{member}' for update"


def move_to(db: Database, brand: str) -> None:
    """Connect the server to another brand."""
    db.run("update discord_server_configs set is_active = false")
    db.run("update discord_server_configs set is_active = true, brand_id = %s", brand)


def test_a_program_does_not_make_another_brand_pay_by_a_batch_that_waits(
    seeded: Database, pool: ThreadPoolExecutor
) -> None:
    seeded.call("add_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    seeded.add_event("quest", 5000, brand_id="theirs")
    with waiting(seeded, pool, TURN, told, seeded, event("quest")) as batch:
        move_to(seeded, "theirs")
    assert batch.result() == {"outcome": "unknown_key"}
    assert seeded.rows("select from reward_ledger") == seeded.rows("select from recorded_items") == []


def test_a_key_that_is_taken_away_while_its_batch_waits_reports_no_more(
    seeded: Database, pool: ThreadPoolExecutor
) -> None:
    seeded.call("add_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    with waiting(seeded, pool, TURN, told, seeded, event("quest")) as batch:
        seeded.call("remove_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    assert batch.result() == {"outcome": "unknown_key"}


def test_a_server_changes_hands_between_two_batches_and_not_within_one(
    seeded: Database, pool: ThreadPoolExecutor
) -> None:
    seeded.call("add_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    seeded.add_event("quest", 5000, brand_id="theirs")
    record(seeded, event("quest", CAROL))  # who has stats now
    with waiting(seeded, pool, stats_of(CAROL), told, seeded, event("quest", CAROL), event("quest")) as batch:
        moved = pool.submit(seeded.race, [lambda db: move_to(db, "theirs")])
        await_waiters(seeded, 2)
    assert [paid(each) for each in batch.result()["results"]] == [[("quest", 10)]] * 2
    moved.result()
    assert {row["brand_id"] for row in seeded.rows("select brand_id from reward_ledger")} == {"brand"}
    seeded.assert_books_agree()


def test_nobody_waits_for_a_stranger(seeded: Database) -> None:
    with seeded.held(TURN):
        assert told(seeded, event("quest")) == {"outcome": "unknown_key"}


def test_a_limit_that_comes_while_a_batch_is_recorded_holds(seeded: Database, pool: ThreadPoolExecutor) -> None:
    """One is left, for which a batch and a click come at once; the batch began before there was a limit."""
    seeded.run("update monitoring_rules set claimable = true")
    seeded.add_event("raid", 1)
    record(seeded, *(event("raid", member) for member in (CAROL, DAVE)))
    items = [event("raid", CAROL), event("quest", BOB, NOON + SECOND)]

    def batch() -> list[Row]:
        with psycopg.connect(seeded.url, autocommit=True, row_factory=dict_row) as connection:
            return record(Database(connection, seeded.url), *items)

    def click(db: Database) -> Any:
        return db.call("claim_event", Caller(user_id=DAVE).again(), event_type="quest", now=NOON)["outcome"]

    with psycopg.connect(seeded.url) as holder:
        holder.execute(stats_of(DAVE))
        with waiting(seeded, pool, stats_of(CAROL), batch) as recorded:
            seeded.run("update monitoring_rules set max_total_claims = 1 where event_type = 'quest'")
            clicked = pool.submit(seeded.race, [click])
            await_waiters(seeded, 2)
    outcomes = [paid(recorded.result()[1]) or refused(recorded.result()[1]), *clicked.result()]
    assert len(seeded.rows("select from reward_ledger where event_type = 'quest'")) == 1, outcomes
    seeded.assert_books_agree()
