"""`python -m infra.bench [NAME...]`, which is `make bench`: measure what docs/performance.md claims.

Print a Markdown table of one run on a temporary stack with the settings that Postgres ships. Ratios are medians of
rounds in which both sides take turns, with the lowest and the highest round beside them. It takes about a quarter of an
hour.
"""

import argparse
import logging
import os
import platform
import signal
import sys
from collections.abc import Iterable, Iterator

from infra.bench import (
    audit,
    click,
    cold_start,
    crowd,
    events,
    hot_drop,
    leaderboards,
    messages,
    portal,
    reactions,
    restore,
    schedules,
    watches,
)
from infra.bench.report import Row, table
from infra.bench.testbed import Testbed, temporary_testbed
from infra.local.child import StackError

BENCHMARKS = {
    "click": click,
    "hot_drop": hot_drop,
    "crowd": crowd,
    "cold_start": cold_start,
    "restore": restore,
    "schedules": schedules,
    "messages": messages,
    "reactions": reactions,
    "watches": watches,
    "leaderboards": leaderboards,
    "audit": audit,
    "portal": portal,
    "events": events,
}


def main() -> int:
    """Run the named benchmarks, or all; a missed goal is a result, not a failure."""
    names = _names()
    logging.basicConfig(format="%(message)s")
    logging.getLogger("infra").setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the testbed is stopped
    try:
        with temporary_testbed() as testbed:
            for line in table(measure(testbed, names)):
                print(line, flush=True)
            print(f"\n{_conditions(testbed)}")
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def measure(testbed: Testbed, names: Iterable[str]) -> Iterator[Row]:
    """The rows of the benchmarks; settle the database before each."""
    for name in names:
        testbed.settle()
        yield from BENCHMARKS[name].run(testbed)


def _names() -> list[str]:
    parser = argparse.ArgumentParser(
        prog="python -m infra.bench",
        description=__doc__,
        epilog="\n".join(f"{name:<14}{module.__doc__}" for name, module in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which of the benchmarks below (all)")
    names: list[str] = parser.parse_args().names
    for name in names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}, only {', '.join(BENCHMARKS)}")
    return names or list(BENCHMARKS)


def _conditions(testbed: Testbed) -> str:
    (postgres,) = testbed.row("show server_version")
    return (
        "Ratios of one run: the median of its rounds (lowest to highest). "
        f"Postgres {postgres} with its own settings, Python {platform.python_version()}, {os.cpu_count()} cores."
    )


if __name__ == "__main__":
    sys.exit(main())
