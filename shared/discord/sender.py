"""Many requests to Discord at the same time, as fast as its rate limits allow and no faster.

Requests under one limit, a lane, follow each other, so that the headers of an answer are known before the next is sent.
A lane that is closed is put aside, and one that is slow keeps no other waiting.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

from shared.discord import rest

PER_SECOND = 45  # of the 50 that Discord gives a bot in all: commands need some of them as well
AT_ONCE = 20  # as many connections as httpx keeps
REQUEST_SECONDS = 3
LONG = 60  # seconds: a limit that is closed for so long is a refusal, not a pause
MOST_INVALID = 500  # answers in one delivery; 10,000 in ten minutes are a ban, and there is a run every minute

Item = TypeVar("Item")
Parcel = tuple[Item, rest.Call]
Answer = Future[Any]


class Courier(Generic[Item]):
    """Delivers what `fetch` gives, asked again whenever no lane is open, while there are `seconds_left`.

    Only the thread that delivers touches what is in here; the others send a request each and note its limits.
    """

    def __init__(self, fetch: Callable[[], Iterable[Parcel[Item]]], seconds_left: Callable[[], float]) -> None:
        self._fetch = fetch
        self._seconds_left = seconds_left
        self._lanes: defaultdict[str, deque[Parcel[Item]]] = defaultdict(deque)
        self._idle: list[tuple[float, str]] = []  # a heap: when they open, the lanes of which nothing is under way
        self._under_way: dict[Answer, str] = {}
        self._next_at = 0.0
        self.invalid = 0
        self.trouble: rest.DiscordError | None = None  # what ended the delivery before its time

    def deliver(self) -> Generator[tuple[Item, Answer], None, None]:
        """Each item with its answer, which has arrived. What is not answered when the time is up is not given.

        Where Discord refuses a channel, all its items get that answer; only the first was asked for.
        """
        rest.client()  # made now, or several threads would make one each
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while (pause := self._pause()) is not None or self._under_way:
                if self._under_way and pause != 0:
                    for answer in wait(self._under_way, pause, FIRST_COMPLETED).done:
                        yield from self._arrived(answer)
                elif pause:
                    time.sleep(pause)
                else:
                    self._send(pool)

    def _pause(self) -> float | None:
        """Seconds until the next request may go; None where none may before something arrives."""
        if self.trouble or self._seconds_left() <= 0:
            return None
        if not self._idle or self._opening() > 0:
            self._take(self._fetch())
        if not self._idle or len(self._under_way) == AT_ONCE:
            return None
        pause = max(self._opening(), self._next_at - time.monotonic(), 0)
        return pause if pause < self._seconds_left() else None

    def _opening(self) -> float:
        """Seconds until the first lane opens."""
        opens_at, limit = self._idle[0]
        return max(opens_at, rest.opens_at(limit)) - time.monotonic()

    def _take(self, parcels: Iterable[Parcel[Item]]) -> None:
        for item, call in parcels:
            limit = rest.limit_of(call.method, call.route)
            if not self._lanes[limit]:
                self._put_aside(limit)
            self._lanes[limit].append((item, call))

    def _put_aside(self, limit: str) -> None:
        # Of the lanes that are open, the one that has waited longest goes first.
        heappush(self._idle, (max(rest.opens_at(limit), time.monotonic()), limit))

    def _send(self, pool: ThreadPoolExecutor) -> None:
        _, limit = heappop(self._idle)
        _, call = self._lanes[limit][0]
        self._under_way[pool.submit(rest.ask, *call, timeout=REQUEST_SECONDS)] = limit
        self._next_at = max(self._next_at + 1 / PER_SECOND, time.monotonic())

    def _arrived(self, answer: Answer) -> Iterator[tuple[Item, Answer]]:
        limit = self._under_way.pop(answer)
        lane, error = self._lanes[limit], answer.exception()
        answered = self._note(limit, error) if isinstance(error, rest.DiscordError) else 1
        for _ in range(answered):
            yield lane.popleft()[0], answer
        if lane:
            self._put_aside(limit)

    def _note(self, limit: str, refusal: rest.DiscordError) -> int:
        """Gives how many items of the lane are answered: none where the same is to be tried again."""
        self.invalid += refusal.is_invalid
        if refusal.is_for_us or self.invalid >= MOST_INVALID:
            self.trouble = refusal
        is_limited = refusal.status == 429
        if refusal.is_for_us or (is_limited and rest.opens_at(limit) - time.monotonic() < LONG):
            return 0
        return len(self._lanes[limit]) if is_limited or refusal.is_for_the_channel else 1
