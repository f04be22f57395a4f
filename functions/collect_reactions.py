"""Every minute: look at the channels with reaction drops and watches, and have those who reacted paid.

The database decides about each payment, in the same call that stores how far a list was read: a run that dies is
repeated by the next one, and pays nobody twice.
"""

from collections.abc import Iterator
from typing import Any

from shared import database
from shared.discord import rest
from shared.discord.error import DiscordError
from shared.discord.sender import SHARED_PER_SECOND, Answer, Sender
from shared.discord.steps import go_on
from shared.log import logger
from shared.reactions.known import Known
from shared.reactions.look import Look
from shared.scheduled import Results, Run

CHANNELS = 500  # leased by one call

database.client()
rest.client()


class CollectError(Exception):
    """Some reactions could not be collected; the next run tries again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ARG001
    """Work until nothing is due or the time is nearly up. Raises DatabaseError or CollectError for the alarm."""
    run = CollectRun(context)
    counts = run.results.counts
    with Sender[Look](run.seconds_left, SHARED_PER_SECOND) as sender:
        try:
            run.work(sender)
        finally:
            left = len(run.leased)
            behind = left + counts["failed"]  # what the alarm looks at
            logger.info(
                "reactions collected", extra=counts | {"left": left, "behind": behind, "invalid": sender.invalid}
            )
    if sender.trouble:
        raise CollectError(f"the run ended early: {sender.trouble}")
    if counts["failed"]:
        raise CollectError(f"{counts['failed']} drops or channels failed; they are tried again")
    return counts


class CollectRun(Run):
    """One run, and the channels that are leased to it."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        names = ("channels", "read", "paid", "refused", "added", "collected", "gone", "let_go", "closed", "failed")
        self.results = Results(self, "mark_looks", *names)
        self.leased: dict[str, Look] = {}  # by channel: those that are not done
        self._known = Known()

    def work(self, sender: Sender[Look]) -> None:
        """Begin with channels while requests may go, hand each its answers, mark what was seen, again."""
        looks = self._looks()
        while True:
            if sender.wants_more and (look := next(looks, None)) is not None:
                self._go_on(look, sender)
            elif sender.is_busy:
                for look, answer in sender.answers():
                    self._go_on(look, sender, answer)
                if self.results.must_be_marked:
                    self.results.mark()
            else:
                break
        for channel_id in self.leased:
            self.results.add("left", channel_id=channel_id)
        self.results.mark()

    def _looks(self) -> Iterator[Look]:
        """Lease the channels whose turn it is; one call a batch."""
        moment = dict[str, str]()
        while (due := self.rpc("lease_looks", limit=CHANNELS, **moment))["channels"]:
            moment = {"now": due["now"]}  # of the first call, so that a run looks at each channel at most once
            looks = [Look(each, due["now"], self._known, self.results, self) for each in due["channels"]]
            self.leased |= {look.channel_id: look for look in looks}
            yield from looks

    def _go_on(self, look: Look, sender: Sender[Look], answer: Answer | None = None) -> None:
        """Take the next step of a look: queue its request, or be done with it."""
        try:
            request = go_on(look.steps, answer)
        except database.DatabaseUnavailableError:
            raise
        except DiscordError as error:  # it gave no answer, or is in trouble: the next run looks again
            logger.warning("channel not looked at", extra={"channel_id": look.channel_id, "problem": str(error)})
        except Exception:  # what cannot be read, or paid, must not hold up the other channels
            logger.exception("channel not looked at", extra={"channel_id": look.channel_id})
            self.results.counts["failed"] += 1
        else:
            if request is not None:
                sender.add(look, request)
            else:
                del self.leased[look.channel_id]
