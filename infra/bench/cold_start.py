"""A new process up to its first answered click, compared with peers, an empty one, `import supabase`, no bytecode."""

import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from infra.bench.report import Row, ratios
from infra.bench.testbed import Json, Testbed
from infra.deploy import package as packages

ROUNDS = 9
ZIPPED_AT = 315_532_800  # 1980, where the time of a zip file begins
NODE = Path(__file__).parent / "peers" / "node"

# Each prints a line when it is done, and ends it with the number of modules. Do not measure the end of the process.
DONE = "import sys; print(len(sys.modules), flush=True)"
FIRST_CLICK = f"""
import json, sys
from {{}} import handler
print(json.dumps(handler(json.load(sys.stdin), None)), flush=True)
{DONE}
"""
NOTHING, SUPABASE = ([sys.executable, "-c", code] for code in (f"pass; {DONE}", f"import supabase; {DONE}"))
OURS = FIRST_CLICK.format("functions.interactions")

log = logging.getLogger(__name__)


class Start(NamedTuple):
    """The seconds from the start of a process to its first line, that line, and the number of imported modules."""

    seconds: float
    line: str
    modules: int


class Peer(NamedTuple):
    """Another way to answer a click, and how much of its time ours may take."""

    name: str
    command: list[str]
    at_most: float | None = None


def _peers() -> list[Peer]:
    """The peers that are installed: Node's are only where somebody ran `npm ci` in their folder."""
    python = [
        Peer("cordless and postgrest", _python("cordless_postgrest"), at_most=0.85),
        Peer("discord-interactions and supabase", _python("supabase_client"), at_most=0.65),
        Peer("PyNaCl and `http.client`", _python("floor")),
    ]
    node = Peer("discord-interactions and supabase-js in Node", ["node", str(NODE / "click.js")])
    return [*python, node] if (NODE / "node_modules").is_dir() and shutil.which("node") else python


def _python(peer: str) -> list[str]:
    return [sys.executable, "-c", FIRST_CLICK.format(f"infra.bench.peers.{peer}")]


def run(testbed: Testbed) -> Iterator[Row]:
    """Start all kinds of processes by turns."""
    peers, drop = _peers(), testbed.open_drop()
    clicks = [[sys.executable, "-c", OURS], *(peer.command for peer in peers)]
    with tempfile.TemporaryDirectory(prefix="resonance-bench-") as directory:
        clicks += [packages.command(package, OURS) for package in _packages(Path(directory))]
        log.info("cold_start: %d rounds of %d processes", ROUNDS, len(clicks) + 2)
        rounds = [_round(testbed, drop, clicks) for _ in range(ROUNDS + 1)][1:]  # the first writes the bytecode
    assert testbed.claims_of(drop) == len(clicks) * (ROUNDS + 1), "not every first click was paid"
    nothing, supabase, click, *others, built, bare = zip(*rounds, strict=True)
    what = "Time from the start of a process to its first answered click"
    for peer, starts in zip(peers, others, strict=True):
        yield Row(f"{what} / that of {peer.name}", _ratios(click, starts), at_most=peer.at_most)
    yield Row(f"{what} / `python -c pass`", _ratios(click, nothing))
    yield Row(f"{what} / to the end of `import supabase` alone", _ratios(click, supabase), at_most=1.0)
    yield Row(f"{what}, from the package / without its bytecode", _ratios(built, bare), at_most=0.75)
    yield Row(
        f"Modules imported at the first answered click (`import supabase`: {supabase[0].modules})",
        [click[0].modules],
    )


def _packages(directory: Path) -> tuple[Path, Path]:
    """The package for this machine, and the same without bytecode; both with the file times of a zip file."""
    package, bare = packages.build_here(directory), directory / "bare"
    shutil.copytree(package, bare, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*package.rglob("*"), *bare.rglob("*")):
        os.utime(path, (ZIPPED_AT, ZIPPED_AT))
    return package, bare


def _round(testbed: Testbed, drop: Json, clicks: list[list[str]]) -> list[Start]:
    starts = [_start(testbed, NOTHING), _start(testbed, SUPABASE)]
    return starts + [_first_click(testbed, drop, command) for command in clicks]


def _first_click(testbed: Testbed, drop: Json, command: list[str]) -> Start:
    first: list[Start] = []

    def handler(event: Json, _: object) -> Json:
        first.append(_start(testbed, command, json.dumps(event)))
        response: Json = json.loads(first[0].line)
        return response

    testbed.click(handler, drop)
    return first[0]


def _start(testbed: Testbed, command: list[str], event: str = "") -> Start:
    started = time.perf_counter()
    with testbed.process(command) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(event)
        process.stdin.close()
        first = process.stdout.readline()
        seconds = time.perf_counter() - started
        last = process.stdout.read() or first
    assert process.returncode == 0, f"{command} failed"
    return Start(seconds, first, int(last))


def _ratios(ours: tuple[Start, ...], theirs: tuple[Start, ...]) -> list[float]:
    return ratios([start.seconds for start in ours], [start.seconds for start in theirs])
