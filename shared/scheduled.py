"""A run of a scheduled function: the time that is left to it, and its results until the database is told."""

import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from shared import database

CALL_SECONDS = 10
RESERVE_SECONDS = 5  # to wait for what is under way, and to mark its results
MARK_SECONDS = 2  # after a crash at most so much is done again

Json = dict[str, Any]


class Run:
    """One run, from the context that Lambda gives; what it begins must end in time."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def seconds_left(self) -> float:
        """The time in which something new may begin: until Lambda ends the function, without the reserve."""
        return self._seconds_to_the_end() - RESERVE_SECONDS

    def rpc(self, function: str, **arguments: Any) -> Any:
        """Call the database in the time that is left, the reserve included. Raises DatabaseError."""
        return database.rpc(function, timeout=min(CALL_SECONDS, self._seconds_to_the_end()), **arguments)

    def batches(self, function: str, *, until_none: str) -> Iterator[Json]:
        """Call a function batch by batch, until a batch counts none of something or the time is nearly up."""
        while self.seconds_left() > 0:
            batch = self.rpc(function)
            yield batch
            if batch[until_none] == 0:
                break

    def _seconds_to_the_end(self) -> float:
        milliseconds: int = self._context.get_remaining_time_in_millis()
        return milliseconds / 1000


class Results:
    """What a run has done: counts, and the results of single things that the database has not been told yet."""

    def __init__(self, run: Run, function: str, *counted: str) -> None:
        self.counts = dict.fromkeys(counted, 0)
        self._run = run
        self._function = function  # takes the results, and gives numbers for the counts
        self._unmarked: defaultdict[str, list[Json]] = defaultdict(list)  # by the name of the argument
        self._marked_at = time.monotonic()

    @property
    def must_be_marked(self) -> bool:
        """Whether the database has not been told for a while."""
        return time.monotonic() - self._marked_at >= MARK_SECONDS

    def add(self, result: str, /, **facts: Any) -> None:
        """Note the result of a thing."""
        self._unmarked[result].append(facts)

    def mark(self) -> None:
        """Tell the database what was noted, and add up what it says. Raises DatabaseError."""
        results, self._unmarked = self._unmarked, defaultdict(list)
        if results:
            for outcome, number in self._run.rpc(self._function, **results).items():
                self.counts[outcome] += number
        self._marked_at = time.monotonic()
