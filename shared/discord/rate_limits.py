"""Discord's rate limits, as far as this process has seen them.

A request has one limit or several, the widest first: its bucket, and for an edit of an old message that of old messages
in its channel. Other environments use the same limits, so a 429 stays possible and is obeyed.
https://discord.com/developers/docs/topics/rate-limits
"""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from shared.discord.error import DiscordError

LEAST_PAUSE, LONGEST_PAUSE = 0.05, 3600.0  # seconds, whatever Discord says
UNSAID_PAUSE = 5.0  # seconds after a 429 that does not say how long
MESSAGE_PAUSE = 1.0  # seconds for a bucket after a limit of one of its messages
# Seconds between two edits of old messages in a channel. Discord does not publish its limit; this keeps most within it.
OLD_EDITS_PAUSE = 2.0
_GLOBAL = "global"
# When (monotonic) each limit lets the next request through. Threads share it: read and write entries whole.
_open_at: dict[str, float] = {}


def reset() -> None:
    """Forget everything."""
    _open_at.clear()


def opens_at(limits: Sequence[str]) -> float:
    """When (monotonic) a request's limits let it through; 0 where nothing is known."""
    return max(_open_at.get(limit, 0) for limit in (_GLOBAL, *limits))


def wait(limits: Sequence[str], deadline: float, not_before: float = 0) -> None:
    """Sleep until a request's limits let it through, at least until `not_before` (both times are monotonic).

    Raises DiscordError at once where that is after the deadline.
    """
    if time.monotonic() >= deadline:
        raise DiscordError(0, message="no time left")
    pause = max(opens_at(limits), not_before) - time.monotonic()
    if pause > 0:
        if time.monotonic() + pause >= deadline:
            raise DiscordError(429, message="rate limited")
        time.sleep(pause)


def note(limits: Sequence[str], headers: Mapping[str, str], refusal: DiscordError | None) -> None:
    """Remember what an answer says about the next request."""
    if refusal and refusal.status == 429:
        _close(*_closed_by(refusal, limits))
    if headers.get("x-ratelimit-remaining") == "0":
        _close(limits[0], _seconds(headers.get("x-ratelimit-reset-after"), 1))
    if refusal is None and len(limits) > 1:
        _close(limits[-1], OLD_EDITS_PAUSE)


def retry_after(headers: Mapping[str, str], body: Mapping[str, Any]) -> float:
    """Seconds to wait after a 429: the larger of what header and body say, which differ for a message's own limit."""
    said = [said for said in (headers.get("retry-after"), body.get("retry_after")) if said is not None]
    return max((_seconds(each, UNSAID_PAUSE) for each in said), default=UNSAID_PAUSE)


def is_global(headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    """Does a 429 concern every request? Cloudflare's does: it has neither a JSON body nor a scope."""
    is_discords = bool(body) or "x-ratelimit-scope" in headers
    return "x-ratelimit-global" in headers or body.get("global") is True or not is_discords


def _closed_by(refusal: DiscordError, limits: Sequence[str]) -> tuple[str, float]:
    """The limit that a 429 closes, and for how many seconds."""
    if refusal.scope == _GLOBAL:
        return _GLOBAL, refusal.retry_after
    if refusal.limits_message:
        return limits[0], min(refusal.retry_after, MESSAGE_PAUSE)
    return limits[-1 if refusal.limits_old_messages else 0], refusal.retry_after


def _close(limit: str, seconds: float) -> None:
    _open_at[limit] = max(time.monotonic() + seconds, _open_at.get(limit, 0))


def _seconds(said: Any, default: float) -> float:
    """Read what should be a number of seconds; Cloudflare may send a date."""
    try:
        seconds = float(said)
    except (TypeError, ValueError, OverflowError):
        return default
    return default if math.isnan(seconds) else min(max(seconds, LEAST_PAUSE), LONGEST_PAUSE)
