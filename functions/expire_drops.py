"""Every minute: close the drops that are due, bring the messages that are behind up to date, tell admins what happened.

The database decides about the money before any message is touched. The next run continues after a crash.
"""

from collections.abc import Iterator
from typing import Any

from shared import database
from shared.discord import rest
from shared.discord.error import DiscordError
from shared.discord.sender import PER_SECOND, SHARED_PER_SECOND, Answer, Sender
from shared.features import notices
from shared.features.drops import message
from shared.features.drops.message import Drop
from shared.interactions.outcomes import Facts
from shared.log import logger
from shared.scheduled import Results, Run

EXPIRE_BATCH, RENDER_BATCH = 5_000, 500

database.client()
rest.client()


class RenderError(Exception):
    """Some messages could not be brought up to date; the next run tries again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Work until nothing is due or the time is nearly up. Raises DatabaseError or RenderError for the alarm."""
    run = ExpireRun(context)
    counts = run.results.counts
    with Sender[Drop](run.seconds_left) as sender:
        try:
            run.work(sender)
        finally:
            left = len(sender.left)
            behind = left + counts["failed"]  # what the alarm looks at
            logger.info("drops expired", extra=counts | {"left": left, "behind": behind, "invalid": sender.invalid})
    if sender.trouble:
        raise RenderError(f"the run ended early: {sender.trouble}")
    if run.has_notices:
        tell_admins(run)
    if counts["failed"]:
        raise RenderError(f"{counts['failed']} messages are behind; they are tried again")
    return counts


def tell_admins(run: Run) -> None:
    """Send each server's admins what they have not been told yet. Raises DatabaseError."""
    results: dict[str, list[Facts]] = {"told": [], "failed": []}
    with Sender[Facts](run.seconds_left) as sender:
        for server in run.rpc("lease_notices")["servers"]:
            if request := _request(server):
                sender.add(server, request)
            else:
                results["told"].append(server)
        while sender.is_busy:
            for server, answer in sender.answers():
                results["told" if _is_final(answer) else "failed"].append(server)
    results["failed"] += sender.left
    logger.info("admins told", extra=run.rpc("mark_notices", **results) | {"invalid": sender.invalid})


def _request(server: Facts) -> rest.Request | None:
    """The request that tells a server's admins; None if there is none to send, nor will be."""
    try:
        return notices.message_request(server)
    except Exception:  # one that cannot be shown must not hold up the others, nor come again
        logger.exception("notices not sent", extra={"server_id": server["server_id"]})
        return None


class ExpireRun(Run):
    """One run: what it sends, and the result of each message."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.has_notices = False
        names = ("expired", "rendered", "gone", "failed", "refused", "let_go")
        self.results = Results(self, "mark_drops_rendered", *names)

    def work(self, sender: Sender[Drop]) -> None:
        """Fetch a batch, send it within the limits, mark what went through, again."""
        batches = self._batches(sender)
        while True:
            has_room = sender.wants_more and len(sender.left) <= RENDER_BATCH
            if has_room and (batch := next(batches, None)) is not None:
                self._add(batch, sender)
            elif sender.is_busy:
                for drop, answer in sender.answers():
                    self.results.add(_outcome(drop, answer), **drop)
                if self.results.must_be_marked:
                    self.results.mark()
            else:
                break
        for drop in sender.left:
            self.results.add("left", **drop)
        self.results.mark()

    def _batches(self, sender: Sender[Drop]) -> Iterator[list[Drop]]:
        """Close the drops that are due and lease those whose messages are behind; one call a batch."""
        is_more, moment = True, dict[str, str]()
        while is_more:
            due = self.rpc("expire_drops", batch=EXPIRE_BATCH, render=RENDER_BATCH, **moment)
            moment = {"now": due["now"]}  # of the first call, so that a run edits each message at most once
            is_more = due["expired"] == EXPIRE_BATCH or len(due["drops"]) == RENDER_BATCH
            self.results.counts["expired"] += due["expired"]
            sender.per_second = SHARED_PER_SECOND if due.get("collects") else PER_SECOND
            self.has_notices = due.get("has_notices", False)
            yield due["drops"]

    def _add(self, batch: list[Drop], sender: Sender[Drop]) -> None:
        for drop in batch:
            try:
                sender.add(drop, message.message_request(drop))
            except Exception:  # a drop that cannot be shown must not hold up the others
                logger.exception("message not rendered", extra={"drop_id": drop["drop_id"]})
                self.results.add("failed", **drop)


def _outcome(drop: Drop, answer: Answer) -> str:
    """What became of a message: "rendered", "gone", "refused" or "failed"."""
    try:
        created = answer.result()
        if drop["message_id"] is None:
            drop["message_id"] = rest.created_id(created)
            drop["is_lost"] = message.lacks_pictures(drop, created)
    except DiscordError as error:
        if error.is_gone:
            return "gone"
        logger.warning("message not rendered", extra={"drop_id": drop["drop_id"], "problem": str(error)})
        if error.is_everyday:
            drop["retry_after"] = error.retry_after
            return "refused"
        return "failed"
    except Exception:  # such as a channel that is no id
        logger.exception("message not rendered", extra={"drop_id": drop["drop_id"]})
        return "failed"
    return "rendered"


def _is_final(answer: Answer) -> bool:
    """Whether there is no use in sending notices again: they are sent, or the admins' channel takes none."""
    try:
        answer.result()
    except DiscordError as error:
        logger.info("notices not sent", extra={"problem": str(error)})
        return not error.is_retryable
    return True
