"""The SQL of the schedules after a long pause: a million lapsed streaks, a hundred thousand due drops."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from infra.bench.report import Row
from infra.bench.testbed import Json, Testbed

STREAKS, DROPS = 1_000_000, 100_000  # as fill_streaks.sql and fill_drops.sql make them

log = logging.getLogger(__name__)


class Call(NamedTuple):
    """One call: how many rows it wrote, and in how many seconds."""

    rows: int
    seconds: float


def run(testbed: Testbed) -> Iterator[Row]:
    """Fill the tables, then call as the Lambda functions do until nothing is left."""
    log.info("schedules: making 1,200,000 streaks")
    testbed.run_file(Path(__file__).with_name("fill_streaks.sql"))
    log.info("schedules: reset_streaks")
    yield from _rows("reset_streaks", list(_reset_streaks(testbed)), STREAKS)

    log.info("schedules: making 120,000 drops")
    testbed.run_file(Path(__file__).with_name("fill_drops.sql"))
    log.info("schedules: expire_drops")
    yield from _rows("expire_drops", list(_expire_drops(testbed)), DROPS)


def _reset_streaks(testbed: Testbed) -> Iterator[Call]:
    result, seconds = _timed(testbed, "reset_streaks")
    while result["reset"]:
        yield Call(result["reset"], seconds)
        result, seconds = _timed(testbed, "reset_streaks")
    yield Call(0, seconds)


def _expire_drops(testbed: Testbed) -> Iterator[Call]:
    """Time only the closing; mark the messages that a call returns as edited."""
    result, seconds = _timed(testbed, "expire_drops")
    while result["expired"]:
        yield Call(result["expired"], seconds)
        testbed.rpc("mark_drops_rendered", rendered=result["drops"])
        result, seconds = _timed(testbed, "expire_drops")
    yield Call(0, seconds)


def _timed(testbed: Testbed, function: str) -> tuple[Json, float]:
    start = time.perf_counter()
    return testbed.rpc(function), time.perf_counter() - start


def _rows(function: str, calls: list[Call], expected: int) -> Iterator[Row]:
    done = sum(call.rows for call in calls)
    assert done == expected, f"{function} wrote {done} rows, not {expected}"
    seconds = [call.seconds for call in calls]
    yield Row(f"`{function}`, {expected:,} rows", [done / sum(seconds)], "rows/s", at_least=20_000)
    yield Row(f"`{function}`, longest of {len(calls)} calls", [max(seconds)], "s", at_most=2)
