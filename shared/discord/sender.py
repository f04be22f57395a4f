"""Send many requests to Discord at once, as fast as its rate limits allow and no faster.

Requests of one bucket follow each other, so that the headers of an answer are known before the next one is sent. No
bucket waits for another one that is closed or slow. An archived thread is opened before its requests are sent.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from heapq import heappop, heappush
from typing import Any, Generic, Self, TypeVar

from shared.discord import rate_limits, rest
from shared.discord.error import DiscordError

PER_SECOND = 45  # of the 50 that Discord allows a bot; commands need the rest
SHARED_PER_SECOND = 22  # where two schedules send at the same time
AT_ONCE = 20  # httpx keeps as many connections
REQUEST_SECONDS = 3
LONG = 60  # seconds: treat a bucket that stays closed this long as a refusal
MOST_INVALID = 500  # answers of one sender; Discord bans an address after 10,000 in ten minutes

Item = TypeVar("Item")
Answer = Future[Any]
Queue = deque[tuple[Item | None, rest.Request]]  # an item of None opens the thread for those behind it


class Sender(Generic[Item]):
    """Sends requests, each for an item of the caller's, while there are `seconds_left`.

    Add requests, then take `answers` while it `is_busy`; add more while it `wants_more`. Only the caller's thread
    touches the state: the threads of the pool send one request each and store its rate limits.
    """

    def __init__(self, seconds_left: Callable[[], float], per_second: int = PER_SECOND) -> None:
        rest.client()  # made here, or several threads would make one each
        self.per_second = per_second
        self._seconds_left = seconds_left
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._queues: defaultdict[str, Queue[Item]] = defaultdict(deque)  # by bucket
        self._opened: set[str] = set()  # buckets for which opening the thread was tried
        self._waiting: list[tuple[float, str]] = []  # heap: idle buckets, earliest first
        self._under_way: dict[Answer, str] = {}  # the bucket whose first request is under way
        self._next_at = 0.0  # when (monotonic) per_second allows the next request
        self.invalid = 0  # answers that count towards a ban
        self.trouble: DiscordError | None = None  # what ended the sending early

    def __enter__(self) -> Self:
        """Nothing to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()

    @property
    def left(self) -> list[Item]:
        """The items without an answer."""
        return [item for queue in self._queues.values() for item, _ in queue if item is not None]

    @property
    def wants_more(self) -> bool:
        """All queued requests must wait, so one for another bucket could be sent now."""
        return not self._is_over() and (not self._waiting or self._opening() > 0)

    @property
    def is_busy(self) -> bool:
        """Is a request under way, or will one be sent in time?"""
        return bool(self._under_way) or self._pause() is not None

    def add(self, item: Item, request: rest.Request) -> None:
        """Queue a request behind those of its bucket."""
        queue = self._queues[request.bucket]
        queue.append((item, request))
        if len(queue) == 1:
            self._await_turn(request.bucket)

    def answers(self) -> list[tuple[Item, Answer]]:
        """Send a request if one may go now, else wait for an answer or the next turn; return the answers, often none.

        If Discord refuses a channel, or closes its bucket for long, all its items get that answer, though only the
        first was sent.
        """
        pause = self._pause()
        if pause == 0:
            self._send()
        elif self._under_way:
            return self._receive(pause)
        elif pause:
            time.sleep(pause)
        return []

    def _is_over(self) -> bool:
        return self.trouble is not None or self._seconds_left() <= 0

    def _opening(self) -> float:
        """Seconds until the first waiting bucket opens."""
        opens_at, bucket = self._waiting[0]
        _, request = self._queues[bucket][0]
        return max(opens_at, rate_limits.opens_at(request.limits)) - time.monotonic()

    def _pause(self) -> float | None:
        """Seconds until the next request may go; None where none may before something arrives."""
        if self._is_over() or not self._waiting or len(self._under_way) == AT_ONCE:
            return None
        pause = max(self._opening(), self._next_at - time.monotonic(), 0)
        return pause if pause < self._seconds_left() else None

    def _await_turn(self, bucket: str) -> None:
        # Of the buckets that are open, the one that has waited longest goes first.
        heappush(self._waiting, (self._choose_next(self._queues[bucket]), bucket))

    def _choose_next(self, queue: Queue[Item]) -> float:
        """Move the request that may go soonest to the front, and return when: some requests have a further limit."""
        now, is_opening = time.monotonic(), queue[0][0] is None
        ready_at = [max(rate_limits.opens_at(request.limits), now) for _, request in queue]
        place = 0 if is_opening else ready_at.index(min(ready_at))
        chosen = queue[place]
        del queue[place]
        queue.appendleft(chosen)
        return ready_at[place]

    def _send(self) -> None:
        _, bucket = heappop(self._waiting)
        _, request = self._queues[bucket][0]
        self._under_way[self._pool.submit(rest.send_now, request, timeout=REQUEST_SECONDS)] = bucket
        self._next_at = max(self._next_at + 1 / self.per_second, time.monotonic())

    def _receive(self, pause: float | None) -> list[tuple[Item, Answer]]:
        received = []
        for answer in wait(self._under_way, pause, FIRST_COMPLETED).done:
            bucket = self._under_way.pop(answer)
            received += [(item, answer) for item in self._take(bucket, answer.exception())]
            if self._queues[bucket]:
                self._await_turn(bucket)
        return received

    def _take(self, bucket: str, error: BaseException | None) -> list[Item]:
        """Remove the items that an answer is for from their queue, and return them."""
        queue = self._queues[bucket]
        answered: Collection[int] = (0,)
        if isinstance(error, DiscordError):
            self._count(error)
            answered = self._answered_by(error, bucket)
        taken = [item for place, (item, _) in enumerate(queue) if place in answered and item is not None]
        self._queues[bucket] = deque(each for place, each in enumerate(queue) if place not in answered)
        return taken

    def _count(self, refusal: DiscordError) -> None:
        self.invalid += refusal.is_invalid
        if refusal.is_fatal or self.invalid >= MOST_INVALID:
            self.trouble = refusal

    def _answered_by(self, refusal: DiscordError, bucket: str) -> Collection[int]:
        """The places in the queue that a refusal of its first request answers; none: send that request again."""
        queue = self._queues[bucket]
        item, request = queue[0]
        is_limited = refusal.status == 429 and not refusal.limits_message
        if refusal.is_fatal or (is_limited and rate_limits.opens_at(request.limits) - time.monotonic() < LONG):
            return ()
        if refusal.is_archived and bucket not in self._opened:
            self._opened.add(bucket)
            queue.appendleft((None, rest.thread_opening(request)))
            return ()
        if is_limited and (item is None or refusal.limits_old_messages):
            return (0,)  # the others may still go, or stay in the queue untried
        return range(len(queue)) if is_limited or item is None or refusal.affects_channel else (0,)
