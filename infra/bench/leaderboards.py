"""Every leaderboard and /stats of a server with a million members and five million ledger rows, and what they cost."""

import logging
import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from infra.bench.report import Row, ratios
from infra.bench.testbed import Testbed

SERVER_ID, MEMBERS, ENTRIES = "700000000000000001", 1_000_000, 5_000_000  # as fill_leaderboards.sql makes them
FIRST_MEMBER = 310_000_000_000_000_000
BOARDS = [
    *((kind, period) for kind in ("rsnc_earned", "claims") for period in ("all", "month", "week")),
    *((kind, "all") for kind in ("streak", "messages", "voice", "reactions")),
]
PERIODS = ("week", "month", "all")
CALLS = 9
ROUNDS, PAYMENTS = 7, 300
TRIGGER, WITHOUT = "stats_follow_the_ledger", "stats_follow_the_ledger_alone"

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Fill the tables, then read each board as its last member, whose own rank takes longest to count."""
    log.info("leaderboards: making 1,000,000 members and 5,000,000 ledger rows; takes some minutes")
    testbed.run_file(Path(__file__).with_name("fill_leaderboards.sql"))
    testbed.settle()
    with testbed.connect() as connection:
        for kind, period in BOARDS:
            yield _page(connection, kind, period)
            yield _rank(connection, kind, period)
        for period in PERIODS:
            yield _stats(connection, period)
        connection.execute("create schema if not exists bench")
        connection.execute(Path(__file__).with_name("without_earnings.sql").read_bytes())
        yield _payments(connection)


def _page(connection: psycopg.Connection, kind: str, period: str) -> Row:
    log.info("leaderboards: the last page of %s %s", kind, period)
    milliseconds = [_measure_page(connection, kind, period) for _ in range(CALLS + 2)][2:]
    return Row(f"`/leaderboard {kind} {period}`, its hundredth page", milliseconds, "ms", at_most=50)


def _rank(connection: psycopg.Connection, kind: str, period: str) -> Row:
    log.info("leaderboards: the last rank of %s %s", kind, period)
    last = _last_member(connection, kind, period)
    milliseconds = [_measure_rank(connection, kind, period, last) for _ in range(CALLS + 2)][2:]
    return Row(f"My rank by {kind} {period}, asked by the last of its members", milliseconds, "ms", at_most=150)


def _last_member(connection: psycopg.Connection, kind: str, period: str) -> str:
    (board,) = _row(
        connection,
        "select internal.board(s, %s, %s, now()) from public.discord_server_configs as s where server_id = %s",
        kind,
        period,
        SERVER_ID,
    )
    last = "select discord_user_id from ({}) as board order by value, since desc, discord_user_id desc limit 1"
    (member,) = _row(connection, sql.SQL(last).format(sql.SQL(board)))
    return str(member)


def _measure_page(connection: psycopg.Connection, kind: str, period: str) -> float:
    """The milliseconds of one call. Asserts that the answer is complete."""
    start = time.perf_counter()
    (found,) = _row(
        connection,
        "select public.get_leaderboard("
        "row('1', %s, '1', '1', '{}', false, null, null, null, null, null)::internal.caller, %s, %s, 100) - 'ends_at'",
        SERVER_ID,
        kind,
        period,
    )
    seconds = time.perf_counter() - start
    assert [row["rank"] for row in found["top"]] == list(range(991, 1001)), found
    return seconds * 1000


def _measure_rank(connection: psycopg.Connection, kind: str, period: str, member: str) -> float:
    """The milliseconds of one call. Asserts that it is the last rank."""
    start = time.perf_counter()
    (found,) = _row(
        connection,
        "select public.get_rank("
        "row('1', %s, '1', %s, '{}', false, null, null, null, null, null)::internal.caller, %s, %s) - 'ends_at'",
        SERVER_ID,
        member,
        kind,
        period,
    )
    seconds = time.perf_counter() - start
    assert found["own"]["rank"] == MEMBERS, found
    return seconds * 1000


def _stats(connection: psycopg.Connection, period: str) -> Row:
    log.info("leaderboards: stats %s", period)
    milliseconds = [_measure_stats(connection, period) for _ in range(CALLS + 2)][2:]
    return Row(f"`/stats {period}`, of five million ledger rows in it", milliseconds, "ms", at_most=2_000)


def _measure_stats(connection: psycopg.Connection, period: str) -> float:
    """The milliseconds of one call. Asserts that every row is counted."""
    start = time.perf_counter()
    (found,) = _row(
        connection,
        "select public.get_stats(row('1', %s, '1', '1', '{}', true, 1, null, null, null, null)::internal.caller, %s)",
        SERVER_ID,
        period,
    )
    seconds = time.perf_counter() - start
    assert (found["members"], found["rewards"]) == (MEMBERS, ENTRIES), found
    return seconds * 1000


def _payments(connection: psycopg.Connection) -> Row:
    """The median payment of a round with the leaderboards' sums and one without, by turns."""
    log.info("leaderboards: %d rounds of %d payments with the sums and without", ROUNDS, PAYMENTS)
    connection.execute("set synchronous_commit = off")  # measure the processor's work, not the wait for the disk
    rounds = [(_round(connection, TRIGGER), _round(connection, WITHOUT)) for _ in range(ROUNDS + 1)][1:]
    return Row("Time of a ledger row with the leaderboards' sums / without", ratios(*zip(*rounds, strict=True)))


def _round(connection: psycopg.Connection, trigger: str) -> float:
    for name in (TRIGGER, WITHOUT):
        switch = "enable" if name == trigger else "disable"
        connection.execute(f"alter table public.reward_ledger {switch} trigger {name}".encode())
    return median(_pay(connection) for _ in range(PAYMENTS))


def _pay(connection: psycopg.Connection) -> float:
    member = str(FIRST_MEMBER + random.randrange(MEMBERS))
    start = time.perf_counter()
    connection.execute(
        "insert into public.reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id,"
        " balance_after) values (%s, 'bench', %s, 'quest', 10, 'claim', '1', 0)",
        (SERVER_ID, member),
    )
    return time.perf_counter() - start


def _row(connection: psycopg.Connection, query: LiteralString | sql.Composed, *values: str) -> tuple[Any, ...]:
    row = connection.execute(query, values).fetchone()
    assert row
    return row
