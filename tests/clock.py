"""Time as a test says it is."""

import pytest

from shared.discord import deferred_reply, rate_limits, rest, sender


class Clock:
    """Stands where the time module stands; `advance` and sleeping move it."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.slept: list[float] = []
        self._start = start
        # Apart from the start, as the real one: beside a date a float has no room for what a timeout is made of.
        self._monotonic = 0.0

    def time(self) -> float:
        return self._start + self._monotonic

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._monotonic += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)


def discord_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock for all that speaks to Discord, which waits without waiting."""
    clock = Clock()
    for module in (deferred_reply, rate_limits, rest, sender):
        monkeypatch.setattr(module, "time", clock)
    return clock


class Watch:
    """A Lambda context whose remaining time is the next of the list at every look, and stays at the last."""

    def __init__(self, *milliseconds: int) -> None:
        self._left = list(milliseconds)

    def get_remaining_time_in_millis(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]
