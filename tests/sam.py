"""AWS's own tools, as infra/check_template.sh installs them into the checkout."""

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
MISSING = 77  # the tools could not be installed


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process of these tests installs or uses the tools."""
    directory = ROOT / ".local"
    directory.mkdir(exist_ok=True)
    with (directory / "sam.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_template() -> subprocess.CompletedProcess[str]:
    """Run infra/check_template.sh."""
    with alone():
        return subprocess.run(
            [ROOT / "infra/check_template.sh"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
