"""The first click after a restore from a snapshot, hooks included, compared with a warm one."""

import logging
from collections.abc import Iterator
from statistics import median

from infra.bench.answering import Answering, answering
from infra.bench.report import Row, ratios
from infra.bench.testbed import Testbed
from shared.features.drops.message import Drop

ROUNDS, CLICKS = 20, 20

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Restore one process again and again: a fork of what has run its hooks for a snapshot."""
    log.info("restore: %d restores, %d clicks each", ROUNDS, CLICKS)
    drop = testbed.open_drop()
    with answering(testbed, "functions.interactions") as ours:
        ours.snapshot()
        rounds = [_round(ours, drop) for _ in range(ROUNDS)]
    assert testbed.claims_of(drop) == ROUNDS * CLICKS, "not every click was paid"
    hooks, first, warm = zip(*rounds, strict=True)
    yield Row("Time of the first click after a restore / of a warm click", ratios(first, warm), at_most=3)
    restored = [sum(both) for both in zip(hooks, first, strict=True)]
    yield Row("The same with the hooks that a restore runs first", ratios(restored, warm))


def _round(ours: Answering, drop: Drop) -> tuple[float, float, float]:
    with ours.restored() as hooks:
        first, *warm = [ours.click(drop) for _ in range(CLICKS)]
    return hooks, first, median(warm)
