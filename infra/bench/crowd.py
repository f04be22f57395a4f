"""2,000 members press one button at the same moment: the whole way through handlers, PostgREST and Postgres."""

import json
import logging
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped]

from infra.bench import pgbench, rpcs
from infra.bench.report import Row
from infra.bench.testbed import SERVER_ID, Json, Testbed
from infra.local.environment import Environments
from shared.features.drops.message import Drop
from shared.features.refusals import DROP_OVER

HANDLER = "functions.interactions.handler"
CLICKS, PLACES = 2_000, 1_000
ROUNDS = 3
ENVIRONMENTS = 6  # the most that gain something on two cores: beyond it they take turns, and more answers are late
IN_TIME = 2.5  # seconds; Discord waits three, and the rest is for the way there and back
AT_ONCE = 500  # RPCs without handlers: half of what Lambda runs at once, and within the open files of a process
POOL = 10  # connections to Postgres: what PostgREST opens unless told otherwise, and infra/local/postgrest.py says
SIGNING_SECONDS = 3  # reserved: the clicks are signed before the moment that their ids carry
TOLD = {"claimed", "paid_without_answer", *DROP_OVER}

log = logging.getLogger(__name__)


class Crowd(NamedTuple):
    """What came of the clicks, in their order."""

    waits: list[float]  # seconds from the moment of all clicks to the answer
    outcomes: list[str]

    @property
    def share_in_time(self) -> float:
        """Per cent of the members who were told in time whether they have a place."""
        told = sum(wait <= IN_TIME and outcome in TOLD for wait, outcome in zip(*self, strict=True))
        return 100 * told / len(self.waits)


class Round(NamedTuple):
    """A crowd, and the same calls without handlers and without PostgREST, in seconds until the last was answered."""

    crowd: Crowd
    work: dict[str, float]  # milliseconds of processor time for a click, by part
    rpcs: float
    rpcs_work: dict[str, float]
    sql: float


def run(testbed: Testbed) -> Iterator[Row]:
    """By turns the crowd, the same calls without handlers, and the same calls without PostgREST."""
    log.info("crowd: %d rounds of 3 times %d clicks", ROUNDS, CLICKS)
    with tempfile.TemporaryDirectory(prefix="resonance-bench-") as directory:
        output = Path(directory) / "handlers.log"
        with output.open("a") as file, Environments(ENVIRONMENTS, testbed.variables, file) as environments:
            _warm(testbed, environments)
            rounds = [_round(testbed, environments, output) for _ in range(ROUNDS)]
    clicks, calls = f"{CLICKS:,} clicks at once", f"{CLICKS:,} RPCs without handlers"
    crowds = [each.crowd for each in rounds]
    yield Row(f"{clicks} on a drop of {PLACES:,}: told within {IN_TIME:g} s", [c.share_in_time for c in crowds], "%")
    yield Row(f"{clicks}: the slowest answer", [max(crowd.waits) for crowd in crowds], "s")
    yield Row(f"{clicks}: claims, each in the ledger and in its member's stats", [PLACES])
    yield from _work_rows(clicks, [each.work for each in rounds])
    yield Row(f"{calls}, {AT_ONCE} at a time: the slowest answer", [each.rpcs for each in rounds], "s")
    yield from _work_rows(calls, [each.rpcs_work for each in rounds])
    yield Row(
        f"{CLICKS:,} statements without PostgREST, {POOL} at a time: the slowest answer",
        [each.sql for each in rounds],
        "s",
    )


def _work_rows(what: str, rounds: list[dict[str, float]]) -> Iterator[Row]:
    for part in rounds[0]:
        yield Row(f"{what}, processor time of one: {part}", [work[part] for work in rounds], "ms")


def _round(testbed: Testbed, environments: Environments, output: Path) -> Round:
    testbed.settle()
    drop, moment = testbed.open_drop(PLACES), time.time() + SIGNING_SECONDS
    clicks = testbed.clicks(drop, CLICKS, moment)
    with _working(testbed, environments) as work:
        crowd = _crowd(environments, output, clicks, moment)
    _check_books(testbed, drop)

    drop = testbed.open_drop(PLACES)
    with _working(testbed) as rpcs_work:
        rpcs_seconds = rpcs.burst(testbed, drop, connections=AT_ONCE, calls=CLICKS)
    _check_books(testbed, drop)

    drop = testbed.open_drop(PLACES)
    sql_seconds = pgbench.burst(testbed, "public.claim_drop", drop, connections=POOL, calls=CLICKS)
    _check_books(testbed, drop)
    return Round(crowd, work, rpcs_seconds, rpcs_work, sql_seconds)


def _warm(testbed: Testbed, environments: Environments) -> None:
    """Let every environment answer a click or two."""
    environments.warm(HANDLER)
    now = time.time()
    _answer(environments, testbed.clicks(testbed.open_drop(), 2 * ENVIRONMENTS, now), now)


def _crowd(environments: Environments, output: Path, clicks: list[Json], moment: float) -> Crowd:
    """Wait for the moment, then let the members click; `output` is where the handlers log."""
    output.write_text("")
    time.sleep(max(moment - time.time(), 0))
    waits = _answer(environments, clicks, moment)
    outcomes = _outcomes(output)
    return Crowd(waits, [outcomes[json.loads(click["body"])["id"]] for click in clicks])


def _answer(environments: Environments, clicks: list[Json], moment: float) -> list[float]:
    """Answer one click at a time in each environment; the others wait. Return the seconds until each answer."""

    def answer(click: Json) -> float:
        error = environments.invoke(HANDLER, click, timeout=10).error
        assert not error, error
        return time.time() - moment

    with ThreadPoolExecutor(ENVIRONMENTS) as pool:
        return list(pool.map(answer, clicks))


def _outcomes(output: Path) -> dict[str, str]:
    """The outcomes by interaction, as the handlers logged them."""
    lines = map(json.loads, output.read_text().splitlines())
    return {line["interaction_id"]: line["outcome"] for line in lines if line["message"] == "interaction"}


@contextmanager
def _working(testbed: Testbed, environments: Environments | None = None) -> Iterator[dict[str, float]]:
    """The milliseconds of processor time for a click that each part takes meanwhile; filled in at the end."""
    work: dict[str, float] = {}
    before = _processor(testbed, environments)
    yield work
    after = _processor(testbed, environments)
    work |= {part: 1000 * (after[part] - before[part]) / CLICKS for part in before}


def _processor(testbed: Testbed, environments: Environments | None) -> dict[str, float]:
    """The processor seconds so far, by part."""
    with testbed.connect() as connection:
        postmaster = psutil.Process(connection.info.backend_pid).parent()
        ended = sum(postmaster.cpu_times()[2:4])
        postgres = ended + _seconds(postmaster, *postmaster.children())
    handlers = {"handler": _seconds(*map(psutil.Process, environments.pids))} if environments else {}
    return handlers | {
        "PostgREST": _seconds(psutil.Process(testbed.supabase.postgrest.pid)),
        "Postgres": postgres,
        "benchmark": _seconds(psutil.Process()),
    }


def _seconds(*processes: Any) -> float:
    seconds = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it has ended since it was found
            seconds += sum(process.cpu_times()[:2])  # user and system
    return seconds


def _check_books(testbed: Testbed, drop: Drop) -> None:
    """Assert that each place was given once, and is in the ledger, the drop and the stats of its member."""
    assert testbed.claims_of(drop) == PLACES, "not every place was claimed, or one too many"
    (paid,) = testbed.row(
        """
        select count(*) from discord_drop_claims as c
        join discord_user_stats as s on s.server_id = %(server)s and s.discord_user_id = c.discord_user_id
        where drop_id = %(drop)s and s.rsnc_total = c.reward_amount
        """,
        server=SERVER_ID,
        drop=drop["drop_id"],
    )
    assert paid == PLACES, f"the stats of {paid} members show their claim"
