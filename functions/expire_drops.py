"""Every minute: close the drops that are due, then bring the messages that are behind up to date.

The database has decided about the money before any message is touched. A run that dies leaves messages late, and the
next run takes them up.
"""

import time
from collections import defaultdict
from contextlib import closing
from typing import Any

from shared import database, snapstart
from shared.discord import rest
from shared.discord.sender import Answer, Courier
from shared.features.drops import message as drops
from shared.log import logger

CALL_SECONDS = 10
EXPIRE_BATCH, RENDER_BATCH = 5_000, 500
MARK_SECONDS = 2  # so much is edited once more after the death of a run
RESERVE_MS = 5_000  # for the requests that are under way, and to write down what was rendered

database.client()
rest.client()
snapstart.register(renew=[database.renew, rest.renew])


class RenderError(Exception):
    """Some messages could not be brought up to date; they are tried again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Work until nothing is due or the time is nearly up. Raises DatabaseError or RenderError for the alarm."""
    run = Run(context)
    try:
        run.work()
    finally:
        logger.info("drops expired", extra=run.counts | {"left": run.left, "invalid": run.courier.invalid})
    if run.courier.trouble:
        raise RenderError(f"the run ended early: {run.courier.trouble}")
    if run.counts["failed"]:
        raise RenderError(f"{run.counts['failed']} messages are behind; they are tried again")
    return run.counts


class Run:
    """What one run has taken in hand, and what it has not yet written down."""

    def __init__(self, context: Any) -> None:
        self.courier = Courier(self._fetch, self._seconds_left)
        self.counts = {"expired": 0, "rendered": 0, "gone": 0, "failed": 0}
        self._context = context
        self._moment: dict[str, str] = {}  # all calls see that of the first: at most one edit a message and run
        self._is_more = True
        self._at_hand: dict[str, drops.Drop] = {}
        self._results: defaultdict[str, list[drops.Drop]] = defaultdict(list)
        self._marked_at = time.monotonic()

    @property
    def left(self) -> int:
        """How many drops were handed out and are not answered."""
        return len(self._at_hand)

    def work(self) -> None:
        """Show what is behind, and write down every few seconds what is shown."""
        with closing(self.courier.deliver()) as answers:
            for drop, answer in answers:
                self._results[_outcome(drop, answer)].append(self._at_hand.pop(drop["drop_id"]))
                if time.monotonic() - self._marked_at >= MARK_SECONDS:
                    self._mark()
        self._mark(left=list(self._at_hand.values()))

    def _fetch(self) -> list[tuple[drops.Drop, rest.Call]]:
        """Take more in hand, once all that is due is closed, unless enough is there that only waits for its limit."""
        calls: list[tuple[drops.Drop, rest.Call]] = []
        while self._is_more and not calls and len(self._at_hand) <= RENDER_BATCH and self._seconds_left() > 0:
            calls = [(drop, call) for drop in self._expire() if (call := self._call(drop))]
        return calls

    def _expire(self) -> list[drops.Drop]:
        """Close what is due, and get what is behind."""
        due = self._rpc("expire_drops", batch=EXPIRE_BATCH, render=RENDER_BATCH, **self._moment)
        self._moment = {"now": due["now"]}
        self.counts["expired"] += due["expired"]
        self._is_more = due["expired"] == EXPIRE_BATCH or len(due["drops"]) == RENDER_BATCH
        return list(due["drops"])

    def _call(self, drop: drops.Drop) -> rest.Call | None:
        """What shows a drop, which is then at hand; None where it cannot be shown."""
        try:
            call = drops.showing(drop)
        except Exception:  # one drop that cannot be shown must not keep the others from being shown
            logger.exception("message not rendered", extra={"drop_id": drop["drop_id"]})
            self._results["failed"].append(drop)
            return None
        self._at_hand[drop["drop_id"]] = drop
        return call

    def _mark(self, left: list[drops.Drop] | None = None) -> None:
        """Write down what became of the messages, and give back what is left."""
        results, self._results = self._results, defaultdict(list)
        if results or left:
            marked = self._rpc("mark_drops_rendered", left=left or [], **results)
            self.counts |= {name: self.counts[name] + number for name, number in marked.items()}
        self._marked_at = time.monotonic()

    def _seconds_left(self, reserve_ms: int = RESERVE_MS) -> float:
        milliseconds: int = self._context.get_remaining_time_in_millis() - reserve_ms
        return milliseconds / 1000

    def _rpc(self, function: str, **arguments: Any) -> Any:
        timeout = min(CALL_SECONDS, self._seconds_left(reserve_ms=0))
        return database.rpc(function, timeout=timeout, **arguments)


def _outcome(drop: drops.Drop, answer: Answer) -> str:
    """What became of a message: "rendered", "gone" or "failed"."""
    try:
        answered = answer.result()
        if drop["message_id"] is None:
            drop["message_id"] = rest.created_id(answered)
    except rest.DiscordError as error:
        if error.is_gone:
            return "gone"
        logger.warning("message not rendered", extra={"drop_id": drop["drop_id"], "problem": str(error)})
        return "failed"
    except Exception:  # as where its channel is no id
        logger.exception("message not rendered", extra={"drop_id": drop["drop_id"]})
        return "failed"
    return "rendered"
