"""Time that a test sets."""

import pytest

from shared.discord import deferred_reply, rate_limits, rest, sender


class Clock:
    """Replaces `time`; only `advance` and `sleep` move it."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.slept: list[float] = []
        self._start = start
        # Start near 0: a float of epoch size is too coarse for timeouts.
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
    """A clock for all modules that speak to Discord: sleep() only advances it."""
    clock = Clock()
    for module in (deferred_reply, rate_limits, rest, sender):
        monkeypatch.setattr(module, "time", clock)
    return clock


class Watch:
    """A Lambda context that returns the given remaining times in turn, then the last one again."""

    def __init__(self, *milliseconds: int) -> None:
        self._left = list(milliseconds)

    def get_remaining_time_in_millis(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]
