"""Many members press the button of one drop: claims against unguarded inserts, refusals against an empty function."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from psycopg.types.json import Jsonb

from infra.bench.pgbench import Load, load
from infra.bench.report import Row, ratios
from infra.bench.testbed import Testbed

FEW, MANY = 8, 32  # connections
ROUNDS, SECONDS = 5, 3
GUARDED, UNGUARDED, EMPTY = "public.claim_drop", "bench.unguarded_claim", "bench.empty"

# Ignore the columns in which two claims may differ: member, drop, time, and what follows from them.
SAME_ROWS = """
    select count(*) = 2 and count(distinct to_jsonb(l)
        - '{id,discord_user_id,actor_id,interaction_id,reference,created_at}'::text[]) = 1
    from reward_ledger as l where reference in (%(guarded)s, %(unguarded)s)
"""

log = logging.getLogger(__name__)


class Round(NamedTuple):
    """Claims per second; `unguarded` is without guards."""

    few: float
    few_unguarded: float
    many: float
    many_unguarded: float


def run(testbed: Testbed) -> Iterator[Row]:
    """Claims, refusals, and claims again without waiting for the disk."""
    testbed.run_file(Path(__file__).with_name("baselines.sql"))
    _check_baseline(testbed)
    yield from _claims(testbed, "")
    yield _refusals(testbed)
    with testbed.without_waiting_for_disk():
        yield from _claims(testbed, ", with synchronous_commit=off")


def _claims(testbed: Testbed, settings: str) -> Iterator[Row]:
    log.info("hot_drop: %d rounds of 4 times %d s of claims%s", ROUNDS, SECONDS, settings)
    rounds = _claim_rounds(testbed)
    few, few_unguarded, many, many_unguarded = zip(*rounds, strict=True)
    what = "Claims/s on one drop at {} connections / of the same rows written without guards{}"
    yield Row(what.format(FEW, settings), ratios(few, few_unguarded), at_least=0.5)
    yield Row(what.format(MANY, settings), ratios(many, many_unguarded), at_least=0.45)
    yield Row(
        f"Claims/s on one drop at {MANY} connections / at {FEW}{settings}",
        ratios(many, few),
        at_least=0.8,
    )


def _claim_rounds(testbed: Testbed) -> list[Round]:
    """Claims by turns with and without guards, on a drop each. Asserts that every claim was counted."""
    drop, unguarded = testbed.open_drop(), testbed.open_drop()
    turns = [(GUARDED, drop, FEW), (UNGUARDED, unguarded, FEW), (GUARDED, drop, MANY), (UNGUARDED, unguarded, MANY)]
    loads = [
        [load(testbed, function, on, connections=connections, seconds=SECONDS) for function, on, connections in turns]
        for _ in range(ROUNDS)
    ]
    guarded = sum(few.calls + many.calls for few, _, many, _ in loads)
    assert testbed.claims_of(drop) == guarded, "not every claim was paid"
    return [Round(*_rates(of_one_round)) for of_one_round in loads]


def _refusals(testbed: Testbed) -> Row:
    log.info("hot_drop: %d rounds of 2 times %d s of refusals", ROUNDS, SECONDS)
    drop = testbed.open_drop(max_claims=1)
    testbed.rpc("claim_drop", caller=testbed.caller(), drop_id=drop["drop_id"])
    loads = [
        [load(testbed, function, drop, connections=FEW, seconds=SECONDS) for function in (GUARDED, EMPTY)]
        for _ in range(ROUNDS)
    ]
    assert testbed.claims_of(drop) == 1, "a full drop was claimed"
    return Row(
        f"Refusals/s on a full drop at {FEW} connections / calls/s of an empty function",
        ratios(*zip(*map(_rates, loads), strict=True)),
        at_least=0.5,
    )


def _check_baseline(testbed: Testbed) -> None:
    """Assert that the unguarded claim writes the same rows as claim_drop; otherwise the comparison is worthless."""
    guarded, unguarded = testbed.open_drop()["drop_id"], testbed.open_drop()["drop_id"]
    for function, drop_id in ((GUARDED, guarded), (UNGUARDED, unguarded)):
        call = f"select {function}(jsonb_populate_record(null::internal.caller, %(caller)s), %(drop)s)"
        testbed.row(call, caller=Jsonb(testbed.caller()), drop=drop_id)
    (is_same,) = testbed.row(SAME_ROWS, guarded=guarded, unguarded=unguarded)
    assert is_same, "baselines.sql does not write what claim_drop writes"


def _rates(loads: list[Load]) -> list[float]:
    return [load.per_second for load in loads]
