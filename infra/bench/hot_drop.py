"""Everybody presses the button of one drop: claims against unguarded inserts, refusals against an empty function."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from psycopg.types.json import Jsonb

from infra.bench.pgbench import Load, load
from infra.bench.report import Row, ratios
from infra.bench.room import Room

FEW, MANY = 8, 32  # connections
ROUNDS, SECONDS = 5, 3
GUARDED, UNGUARDED, EMPTY = "public.claim_drop", "bench.unguarded_claim", "bench.empty"

# What two claims may differ in: who, which drop, when, and what follows from these.
SAME_ROWS = """
    select count(*) = 2 and count(distinct to_jsonb(l)
        - '{id,discord_user_id,actor_id,interaction_id,reference,created_at}'::text[]) = 1
    from reward_ledger as l where reference in (%(guarded)s, %(unguarded)s)
"""

log = logging.getLogger(__name__)


class Round(NamedTuple):
    """Claims in a second; free is without guards."""

    few: float
    few_free: float
    many: float
    many_free: float


def run(room: Room) -> Iterator[Row]:
    """Claims, refusals, and the claims once more where commits do not wait for the disk."""
    room.run_file(Path(__file__).with_name("baselines.sql"))
    _check_the_measure(room)
    yield from _claims(room, "")
    yield _refusals(room)
    with room.not_waiting_for_the_disk():
        yield from _claims(room, ", with synchronous_commit=off")


def _claims(room: Room, settings: str) -> Iterator[Row]:
    log.info("hot_drop: %d rounds of 4 times %d s of claims%s", ROUNDS, SECONDS, settings)
    rounds = _claim_rounds(room)
    few, few_free, many, many_free = zip(*rounds, strict=True)
    what = "Claims/s on one drop at {} connections / of the same rows written without guards{}"
    yield Row(what.format(FEW, settings), ratios(few, few_free), at_least=0.4)
    yield Row(what.format(MANY, settings), ratios(many, many_free))
    yield Row(
        f"Claims/s on one drop at {MANY} connections / at {FEW}{settings}",
        ratios(many, few),
        at_least=0.8,
    )


def _claim_rounds(room: Room) -> list[Round]:
    """Claims by turns with and without guards, on a drop each; every claim must have been counted."""
    drop, free = room.open_drop(), room.open_drop()
    turns = [(GUARDED, drop, FEW), (UNGUARDED, free, FEW), (GUARDED, drop, MANY), (UNGUARDED, free, MANY)]
    loads = [
        [load(room, function, on, connections=connections, seconds=SECONDS) for function, on, connections in turns]
        for _ in range(ROUNDS)
    ]
    guarded = sum(few.calls + many.calls for few, _, many, _ in loads)
    assert room.claims_of(drop) == guarded, "not every claim was paid"
    return [Round(*_rates(of_one_round)) for of_one_round in loads]


def _refusals(room: Room) -> Row:
    log.info("hot_drop: %d rounds of 2 times %d s of refusals", ROUNDS, SECONDS)
    drop = room.open_drop(max_claims=1)
    room.rpc("claim_drop", caller=room.caller(), drop_id=drop["drop_id"])
    loads = [
        [load(room, function, drop, connections=FEW, seconds=SECONDS) for function in (GUARDED, EMPTY)]
        for _ in range(ROUNDS)
    ]
    assert room.claims_of(drop) == 1, "a full drop was claimed"
    return Row(
        f"Refusals/s on a full drop at {FEW} connections / calls/s of an empty function",
        ratios(*zip(*map(_rates, loads), strict=True)),
        at_least=0.5,
    )


def _check_the_measure(room: Room) -> None:
    """The unguarded claim must write what claim_drop writes, or it is no measure of it."""
    guarded, unguarded = room.open_drop()["drop_id"], room.open_drop()["drop_id"]
    for function, drop_id in ((GUARDED, guarded), (UNGUARDED, unguarded)):
        call = f"select {function}(jsonb_populate_record(null::internal.caller, %(caller)s), %(drop)s)"
        room.row(call, caller=Jsonb(room.caller()), drop=drop_id)
    (is_same,) = room.row(SAME_ROWS, guarded=guarded, unguarded=unguarded)
    assert is_same, "baselines.sql is behind claim_drop"


def _rates(loads: list[Load]) -> list[float]:
    return [load.per_second for load in loads]
