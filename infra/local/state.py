"""The state directory, which one stack uses at a time. Needs nothing installed, so that `make clean` always works.

python3 -m infra.local.state clean  # delete the state of `make run`, unless a stack is using it
"""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.child import StackError

DEFAULT = Path(__file__).parents[2] / ".local"
REMEMBERED = "remembered.json"


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Lock the directory for one stack; a crash leaves no lock. Raises StackError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("a+")
    except OSError as error:
        raise StackError(f"The state directory {directory} cannot be used: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise StackError(
                f"A stack (process {lock.read().strip()}) already runs in {directory}: stop it first."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def remembered(directory: Path) -> dict[str, Any]:
    """What the last stack of this directory has left for the next one."""
    try:
        return dict(json.loads((directory / REMEMBERED).read_text()))
    except FileNotFoundError:
        return {}


def remember(directory: Path, **facts: float) -> None:
    """Leave facts for the next stack, atomically: a crash leaves the old ones."""
    draft = directory / f"{REMEMBERED}.new"
    draft.write_text(json.dumps(remembered(directory) | facts))
    draft.replace(directory / REMEMBERED)


def clean(directory: Path) -> None:
    """Delete the directory of a stack. Raises StackError if one is using it."""
    if directory.exists():
        with locked(directory):
            shutil.rmtree(directory)


def main(arguments: list[str]) -> int:
    """The command line."""
    if arguments != ["clean"]:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        clean(DEFAULT)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
