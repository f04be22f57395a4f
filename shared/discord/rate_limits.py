"""Discord's rate limits, as far as this process has seen them.

Other environments use the same limits, so a 429 stays possible and is obeyed.
https://discord.com/developers/docs/topics/rate-limits
"""

import time

import httpx

from shared.discord.error import DiscordError

LEAST_PAUSE = 0.05  # seconds
_GLOBAL = "global"
# When (monotonic) each bucket lets the next request through. Threads share it: read and write entries whole.
_open_at: dict[str, float] = {}


def reset() -> None:
    """Forget everything."""
    _open_at.clear()


def opens_at(bucket: str) -> float:
    """When (monotonic) a bucket lets the next request through; 0 where nothing is known."""
    return max(_open_at.get(bucket, 0), _open_at.get(_GLOBAL, 0))


def wait(bucket: str, deadline: float) -> None:
    """Sleep until the bucket opens. Raises DiscordError at once where that is after the deadline (monotonic)."""
    if time.monotonic() >= deadline:
        raise DiscordError(0, message="no time left")
    pause = opens_at(bucket) - time.monotonic()
    if pause > 0:
        if time.monotonic() + pause >= deadline:
            raise DiscordError(429, message="rate limited")
        time.sleep(pause)


def note(bucket: str, response: httpx.Response) -> None:
    """Remember what a response says about the next request."""
    headers = response.headers
    if response.status_code == 429:
        # A 429 without a scope is Cloudflare's and concerns every request.
        is_global = "x-ratelimit-global" in headers or "x-ratelimit-scope" not in headers
        _open_at[_GLOBAL if is_global else bucket] = time.monotonic() + _seconds(headers.get("retry-after"), 5)
    if headers.get("x-ratelimit-remaining") == "0":
        reset_at = time.monotonic() + _seconds(headers.get("x-ratelimit-reset-after"), 1)
        _open_at[bucket] = max(reset_at, _open_at.get(bucket, 0))


def _seconds(header: str | None, default: float) -> float:
    """Read a header that should be a number of seconds; Cloudflare may send a date."""
    try:
        seconds = float(header or default)
    except ValueError:
        return default
    return seconds if seconds >= LEAST_PAUSE else LEAST_PAUSE  # also for NaN, which compares false
