"""The log of the requests that were answered, and of those that count towards Discord's ban."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.fake_discord.errors import Headers

# Discord bans a client that makes more invalid requests than this in ten minutes.
INVALID_REQUEST_SECONDS, MOST_INVALID_REQUESTS = 600, 10_000


@dataclass(frozen=True)
class LoggedRequest:
    """A request without its headers and body, which may hold secrets."""

    at: float
    method: str
    path: str
    status: int
    problems: list[str] = field(default_factory=list)


class RequestLog:
    """Keeps the newest `size` requests, or all of them."""

    def __init__(self, clock: Callable[[], float], size: int | None) -> None:
        self._clock = clock
        self.requests: deque[LoggedRequest] = deque(maxlen=size)
        self.invalid: deque[float] = deque()  # the times of invalid requests

    @property
    def invalid_requests(self) -> int:
        """Answers of the last ten minutes that count towards Discord's ban (401, 403, own 429)."""
        while self.invalid and self.invalid[0] <= self._clock() - INVALID_REQUEST_SECONDS:
            self.invalid.popleft()
        return len(self.invalid)

    @property
    def is_banned(self) -> bool:
        """Has the client made too many invalid requests?"""
        return self.invalid_requests >= MOST_INVALID_REQUESTS

    def add(self, method: str, path: str, status: int, headers: Headers, problems: list[str]) -> None:
        """Log a request that Discord itself answered."""
        if status in (401, 403) or (status == 429 and headers.get("X-RateLimit-Scope") != "shared"):
            self.invalid.append(self._clock())
        self.requests.append(LoggedRequest(self._clock(), method, path, status, problems))

    def add_banned(self, method: str, path: str) -> None:
        """Log a request that Cloudflare answered in Discord's place."""
        self.requests.append(LoggedRequest(self._clock(), method, path, 429))
