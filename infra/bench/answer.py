"""`python -m infra.bench.answer MODULE`: a process that answers an event a line, and says how long each took.

It reads JSON lines and writes JSON lines. After the line "snapshot" it runs the hooks for a snapshot, and after each
line "restore" goes on as a fork of itself that has run those for a restore; "end" ends the fork.
"""

import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from infra.local import runtime

Hook = Callable[[], object]

before: list[Hook] = []
after: list[Hook] = []


def main() -> None:
    """Serve until the input ends."""
    _log_as_on_lambda()
    hooks: Any = ModuleType("snapshot_restore_py")
    hooks.register_before_snapshot, hooks.register_after_restore = before.append, after.append
    sys.modules["snapshot_restore_py"] = hooks
    handler = importlib.import_module(sys.argv[1]).handler
    for line in sys.stdin:
        if line == "snapshot\n":
            _tell(_timed(*reversed(before)))
        elif line == "restore\n":
            if os.fork():
                os.wait()
            else:
                _tell(_timed(*after))
        elif line == "end\n":
            _tell((0, None))
            os._exit(0)
        else:
            _tell(_timed(partial(handler, json.loads(line), runtime.Context("interactions", "bench", timeout=10))))


def _timed(*calls: Hook) -> tuple[float, Any]:
    """The seconds that the calls take, and the result of the last."""
    start, result = time.perf_counter(), None
    for call in calls:
        result = call()
    return time.perf_counter() - start, result


def _tell(timed: tuple[float, Any]) -> None:
    print(json.dumps(timed), flush=True)


def _log_as_on_lambda() -> None:
    """Format every line that is logged, because that is part of the work, and write it nowhere."""
    output = logging.FileHandler(os.devnull)
    output.setFormatter(runtime.Formatter())
    logging.basicConfig(handlers=[output])


if __name__ == "__main__":
    main()
