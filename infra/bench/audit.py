"""The slowest pages of /audit, in a log of a million rows of the server and a million of others."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from infra.bench.report import Row
from infra.bench.testbed import Testbed

SERVER_ID, ADMIN = "710000000000000001", "320000000000000001"  # as fill_audit.sql makes them
CALLS = 9

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Fill the log, then read pages whose rows are everywhere in it, are rare, or do not exist."""
    log.info("audit: making 2,000,000 rows")
    testbed.run_file(Path(__file__).with_name("fill_audit.sql"))
    testbed.settle()
    with testbed.connect() as connection:
        yield _page(connection, "of everything", None, None, rows=8)
        yield _page(connection, "of a type of which there is one row", None, "settings", rows=1)
        yield _page(connection, "of such a type, by whoever did all", ADMIN, "members", rows=1)
        yield _page(connection, "of somebody who did nothing", "1", "rewards", rows=0)


def _page(connection: psycopg.Connection, what: str, member: str | None, kind: str | None, rows: int) -> Row:
    milliseconds = [_measure(connection, member, kind, rows) for _ in range(CALLS + 2)][2:]
    return Row(f"A page of `/audit` {what}", milliseconds, "ms", at_most=50)


def _measure(connection: psycopg.Connection, member: str | None, kind: str | None, rows: int) -> float:
    """The milliseconds of one call. Asserts that the answer is complete."""
    start = time.perf_counter()
    found = connection.execute(
        "select public.get_audit("
        "row('1', %s, '1', '1', '{}', true, 1, null, null, null, null)::internal.caller, %s, %s)",
        (SERVER_ID, member, kind),
    ).fetchone()
    seconds = time.perf_counter() - start
    assert found
    assert len(found[0]["entries"]) == rows, found
    return seconds * 1000
