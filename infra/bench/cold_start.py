"""A fresh Python process up to its first answered click, against an empty one and against `import supabase`."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from infra.bench.report import Row, ratios
from infra.bench.room import Json, Room
from infra.local.environment import ROOT

ROUNDS = 9

# Each says that it is done with a line: its last words, the number of modules. Ending the process is not part of it.
DONE = "import sys; print(len(sys.modules), flush=True)"
NOTHING = f"pass; {DONE}"
SUPABASE = f"import supabase; {DONE}"
FIRST_CLICK = f"""
import json, sys
from functions.interactions import handler
print(json.dumps(handler(json.load(sys.stdin), None)), flush=True)
{DONE}
"""

log = logging.getLogger(__name__)


class Start(NamedTuple):
    """From the start of a process to its first line, in seconds; the line, and the modules it had imported."""

    seconds: float
    line: str
    modules: int


def run(room: Room) -> Iterator[Row]:
    """The three kinds of processes by turns."""
    log.info("cold_start: %d rounds of 3 processes", ROUNDS)
    drop = room.open_drop()
    for code in (NOTHING, SUPABASE):
        _start(room, code)  # the first import writes the bytecode
    rounds = [_round(room, drop) for _ in range(ROUNDS + 1)][1:]
    assert room.claims_of(drop) == ROUNDS + 1, "not every first click was paid"
    nothing, click, supabase = zip(*rounds, strict=True)
    what = "Time from the start of a process to its first answered click"
    yield Row(f"{what} / `python -c pass`", _ratios(click, nothing))
    yield Row(f"{what} / to the end of `import supabase` alone", _ratios(click, supabase), at_most=1.0)
    yield Row(
        f"Modules imported at the first answered click (`import supabase`: {supabase[0].modules})",
        [click[0].modules],
    )


def _round(room: Room, drop: Json) -> tuple[Start, Start, Start]:
    first: list[Start] = []

    def handler(event: Json, _: object) -> Json:
        first.append(_start(room, FIRST_CLICK, json.dumps(event)))
        response: Json = json.loads(first[0].line)
        return response

    nothing = _start(room, NOTHING)
    room.click(handler, drop)
    return nothing, first[0], _start(room, SUPABASE)


def _start(room: Room, code: str, event: str = "") -> Start:
    """Run code in a process that sees the functions' environment, as on Lambda, and none of ours."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", **room.variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(event)
        process.stdin.close()
        first = process.stdout.readline()
        seconds = time.perf_counter() - started
        last = process.stdout.read() or first
    assert process.returncode == 0, f"{code} failed"
    return Start(seconds, first, int(last))


def _ratios(ours: tuple[Start, ...], theirs: tuple[Start, ...]) -> list[float]:
    return ratios([start.seconds for start in ours], [start.seconds for start in theirs])
