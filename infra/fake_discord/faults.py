"""Faults that tests ask for: requests that fail, channels and servers that are closed to the bot."""

import fnmatch
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from infra.fake_discord.errors import DiscordError, api_error
from infra.fake_discord.rate_limits import rate_limited


@dataclass
class Failure:
    """An error that the next `times` matching requests are answered with."""

    error: DiscordError
    times: int
    method: str | None
    path: str | None
    after: bool

    def take(self, method: str, path: str, *, after: bool) -> bool:
        """Use the failure up once, if it matches."""
        matches = self.method in (None, method) and (self.path is None or fnmatch.fnmatch(path, self.path))
        hit = self.times > 0 and self.after == after and matches
        self.times -= hit
        return hit


class Faults:
    """What goes wrong at the moment."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._closed: dict[str, int] = {}  # error codes by the id of a channel or server
        self._failures: list[Failure] = []

    def forbid(self, channel_id: str, code: int = 50013) -> None:
        """Refuse a channel (or a server): 50013 no permission to write, 50001 no access, 10003 gone."""
        self._closed[channel_id] = code

    def allow(self, channel_id: str) -> None:
        """Undo `forbid`."""
        self._closed.pop(channel_id, None)

    def fail(
        self,
        status: int,
        code: int = 0,
        message: str = "",
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        retry_after: float = 1.0,
        scope: str = "user",
        after: bool = False,
        retry_after_header: float | None = None,
        body: str | None = None,
    ) -> None:
        """Make the next requests fail.

        `path` is a shell pattern below /api/v10, such as "/channels/*/messages". With `after` the request
        takes effect and only its answer is lost. `retry_after`, `scope` (empty: none) and `retry_after_header`, the
        time in the header where it differs from the body's, belong to status 429. A `body` is what something on the
        way answers instead of Discord's JSON, such as Cloudflare's "error code: 1015".
        """
        error = DiscordError(status, code, message)
        if status == 429:
            error = rate_limited(retry_after, scope, code=code, header=retry_after_header)
        if body is not None:
            error.body = body
        with self._lock:
            self._failures.append(Failure(error, times, method, path, after))

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._closed.clear()
            self._failures.clear()

    def raise_failure(self, method: str, path: str, *, after: bool) -> None:
        """Raise the first failure that matches a request, before or after it took effect."""
        for failure in self._failures:
            if failure.take(method, path, after=after):
                raise failure.error

    def raise_closed(self, method: str, places: Iterable[str | None]) -> None:
        """Raise the error of a channel or server that is closed; without the permission to write, reading works."""
        code = next((self._closed[place] for place in places if place in self._closed), None)
        if code and not (code == 50013 and method == "GET"):
            raise api_error(code)

    def hides(self, places: Iterable[str | None]) -> bool:
        """Is one of the places gone, or has the bot no access to it?"""
        return any(self._closed.get(place) in (10003, 50001) for place in places if place)
