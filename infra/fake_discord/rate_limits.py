"""Discord's rate limits, and its answer when one is exceeded."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from infra.fake_discord.errors import DiscordError, Headers
from infra.fake_discord.rest.routes import MESSAGE, MESSAGES, OWN_REACTION

Limits = Mapping[tuple[str, str], tuple[int, float]]  # requests and seconds, by method and path template

# Discord does not publish its numbers and changes them; these are of the usual size.
LIMITS: Limits = {
    ("POST", MESSAGES): (5, 5.0),
    ("PATCH", MESSAGE): (5, 5.0),
    ("PUT", OWN_REACTION): (1, 0.25),
}
OTHER_LIMIT = (50, 1.0)
SHARED = {("DELETE", OWN_REACTION): ("PUT", OWN_REACTION)}  # routes that count as others
_OWN_LIMITS = {  # what single messages, channels and servers are limited by, besides routes
    20016: "This action cannot be performed due to slowmode rate limit.",
    20022: "This message cannot be edited due to announcement rate limits.",
    20028: "The write action you are performing on the channel has hit the write rate limit.",
    20029: "The write action you are performing on the server has hit the write rate limit.",
    30046: "Maximum number of edits to messages older than 1 hour reached. Try again later.",
}
GLOBAL_LIMIT = (50, 1.0)


def rate_limited(
    retry_after: float, scope: str, headers: Headers | None = None, *, code: int = 0, header: float | None = None
) -> DiscordError:
    """A 429, with the `code` that Discord mostly leaves out if there is one.

    `header` is the time in the header where it differs from that in the body. An empty scope is left out.
    """
    own = {"Retry-After": str(math.ceil(retry_after) if header is None else header)}
    if scope:
        own["X-RateLimit-Scope"] = scope
    if scope == "global":
        own["X-RateLimit-Global"] = "true"
    message = f"{'The resource is' if scope == 'shared' else 'You are'} being rate limited."
    message = _OWN_LIMITS.get(code, message)
    limited = DiscordError(429, code, message, {**(headers or {}), **own})
    limited.body = {"message": message, "retry_after": round(retry_after, 3), "global": scope == "global"}
    if code:
        limited.body["code"] = code
    return limited


@dataclass
class Bucket:
    """How many requests are left until the bucket is full again."""

    limit: int
    remaining: int
    reset: float

    def headers(self, now: float, name: str) -> Headers:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{self.reset:.3f}",
            # Round up: a client that waits this long must not be early.
            "X-RateLimit-Reset-After": f"{math.ceil(max(self.reset - now, 0) * 1000) / 1000:.3f}",
            "X-RateLimit-Bucket": name,
        }


class RateLimits:
    """Counts requests by route and channel, server or token, and all requests of the bot.

    Requests with an interaction's token do not count as the bot's.
    """

    def __init__(self, limits: Limits, global_limit: int) -> None:
        self._limits = limits
        self._global_limit = (global_limit, 1.0)
        self._buckets: dict[object, Bucket] = {}

    def take(self, now: float, method: str, template: str, parameters: Mapping[str, str]) -> Headers:
        """Take one request from its buckets and return the rate limit headers; raises a 429 when none is left."""
        token = parameters.get("interaction_token") or parameters.get("webhook_token")
        everything = self._bucket("global", self._global_limit, now)
        if not everything.remaining and not token:
            raise rate_limited(everything.reset - now, "global")
        method, template = SHARED.get((method, template), (method, template))
        major = token or parameters.get("channel_id") or parameters.get("guild_id")
        bucket = self._bucket((method, template, major), self._limits.get((method, template), OTHER_LIMIT), now)
        everything.remaining -= not token
        name = hashlib.sha256(f"{method} {template}".encode()).hexdigest()[:16]
        if not bucket.remaining:
            raise rate_limited(bucket.reset - now, "user", bucket.headers(now, name))
        bucket.remaining -= 1
        return bucket.headers(now, name)

    def lift(self) -> None:
        """Limit no route in particular: tests post faster than members do."""
        self._limits, self._global_limit = {}, (10_000, 1.0)

    def _bucket(self, key: object, limit: tuple[int, float], now: float) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None or bucket.reset <= now:
            bucket = self._buckets[key] = Bucket(limit[0], limit[0], now + limit[1])
        return bucket
