"""What a run has done and found, until the database is told."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Rpc = Callable[..., Any]  # an SQL function's name and arguments


class Results:
    """Counts of a run, and what `mark_looks` has not been told yet."""

    def __init__(self) -> None:
        names = ("channels", "read", "paid", "refused", "added", "collected", "gone", "let_go", "closed", "failed")
        self.counts = dict.fromkeys(names, 0)
        self._marks: defaultdict[str, list[Json]] = defaultdict(list)  # by the name of the argument

    def add(self, kind: str, **facts: Any) -> None:
        """Note something for `mark_looks`."""
        self._marks[kind].append(facts)

    def mark(self, rpc: Rpc) -> None:
        """Tell the database what was noted."""
        marks, self._marks = self._marks, defaultdict(list)
        if marks:
            for outcome, number in rpc("mark_looks", **marks).items():
                self.counts[outcome] += number
