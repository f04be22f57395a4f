"""pgbench of the embedded Postgres: many connections that call one SQL function as fast as they can."""

import os
import re
import subprocess
from typing import NamedTuple

from infra.bench.testbed import Testbed
from shared.features.drops.message import Drop

# Every call is another member with another interaction: a random number of 9e18 does not repeat.
SCRIPT = """\
\\set member random(1, 9000000000000000000)
select {function}(
    row(:member::text, '{server_id}', '{channel_id}', :member::text, '{{}}', false, null, null, null, null, null)
        ::internal.caller,
    '{drop_id}', '{message_id}'
);
"""


class Load(NamedTuple):
    """The result of one run."""

    calls: int
    per_second: float


def load(testbed: Testbed, function: str, drop: Drop, *, connections: int, seconds: int) -> Load:
    """Call a function with claim_drop's arguments as service_role. Raises RuntimeError if a call failed."""
    return _run(testbed, function, drop, connections, f"-T{seconds}")


def burst(testbed: Testbed, function: str, drop: Drop, *, connections: int, calls: int) -> float:
    """Call it so many times, each connection equally often; return the seconds that it took."""
    done = _run(testbed, function, drop, connections, f"-t{calls // connections}")
    assert done.calls == calls
    return calls / done.per_second


def _run(testbed: Testbed, function: str, drop: Drop, connections: int, until: str) -> Load:
    postgres = testbed.supabase.postgres
    threads = min(connections, os.cpu_count() or 1)
    options = ["-n", "-M", "prepared", f"-c{connections}", f"-j{threads}", until, "-f", "-"]
    done = subprocess.run(
        [postgres.bin_path / "pgbench", *options, postgres.socket_url()],
        env=os.environ | {"PGOPTIONS": "-c role=service_role"},
        input=SCRIPT.format(function=function, **drop),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"pgbench failed:\n{done.stderr}")
    return Load(int(_find(r"actually processed: (\d+)", done.stdout)), float(_find(r"tps = ([\d.]+)", done.stdout)))


def _find(pattern: str, output: str) -> str:
    match = re.search(pattern, output)
    assert match, output
    return match[1]
