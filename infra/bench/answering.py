"""Processes that answer clicks, for comparisons of handlers that must not share a process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infra.bench.testbed import Json, Testbed
from shared.features.drops.message import Drop


class Answering:
    """A process with the handler of one module; see infra/bench/answer.py."""

    def __init__(self, testbed: Testbed, process: "subprocess.Popen[str]") -> None:
        self._testbed = testbed
        self._process = process

    def click(self, drop: Drop) -> float:
        """Press the button of a drop as a new member; the handler's seconds from the signed event to its answer."""
        seconds: list[float] = []

        def handler(event: Json, _: object) -> Json:
            taken, response = self._ask(json.dumps(event))
            seconds.append(taken)
            return response

        self._testbed.click(handler, drop)
        return seconds[0]

    def snapshot(self) -> None:
        """Run the hooks before a snapshot."""
        self._ask("snapshot")

    @contextmanager
    def restored(self) -> Iterator[float]:
        """Go on as a fork that was restored from the snapshot; the seconds of the hooks after a restore."""
        yield self._ask("restore")[0]
        self._ask("end")

    def _ask(self, line: str) -> tuple[float, Json]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        seconds, answer = json.loads(self._process.stdout.readline())
        return seconds, answer


@contextmanager
def answering(testbed: Testbed, module: str) -> Iterator[Answering]:
    """A process with the handler of a module."""
    with testbed.process([sys.executable, "-m", "infra.bench.answer", module]) as process:
        yield Answering(testbed, process)
        assert process.stdin
        process.stdin.close()
