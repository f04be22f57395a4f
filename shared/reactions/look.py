"""One look at a channel: what its messages show of reaction drops, and what is new there."""

from typing import Any

from shared.discord import history, rest
from shared.discord.emoji import Emoji
from shared.discord.error import UNKNOWN_MESSAGE, DiscordError
from shared.discord.history import ClosedHistoryError, Found
from shared.discord.reactions import Counts, Message
from shared.discord.steps import Steps
from shared.log import logger
from shared.reactions.known import Known
from shared.reactions.reading import Reading
from shared.reactions.watch import Watch
from shared.scheduled import Results, Run

Json = dict[str, Any]


class Look:
    """A leased channel, and the steps of the look at it."""

    def __init__(self, channel: Json, leased_at: str, known: Known, results: Results, run: Run) -> None:
        self.channel_id: str = channel["channel_id"]
        self._channel = channel
        self._leased_at = leased_at
        self._known = known
        self._results = results
        self._run = run
        self._is_quiet = True
        self._may_react = True
        self._trouble: DiscordError | None = None  # Discord's with one drop; with a second one, the look ends
        self.is_begun = False
        self.steps = self._look()

    def _look(self) -> Steps[None]:
        """Look at the channel, and note what was seen. Lets DiscordError through where it must wait."""
        self.is_begun = True
        try:
            found = yield from self._find()
            for drop in self._channel["drops"]:
                yield from self._visit(drop, found)
            if self._channel["watch"]:
                yield from self._watch(found)
            if self._trouble:
                raise self._trouble
        except DiscordError as error:
            if error.is_retryable:
                raise
            self._refused(error)
        else:
            self._results.add("looked", channel_id=self.channel_id, is_quiet=self._is_quiet)
            self._results.counts["channels"] += 1

    def _find(self) -> Steps[Found]:
        drops = self._channel["drops"]
        watch = self._channel["watch"]
        reads_new = watch is not None and not watch["is_forum"]
        if not drops and not reads_new:
            return Found()
        wanted = {drop["message_id"] for drop in drops}
        first = {drop["message_id"] for drop in drops if drop["must_read"] or drop["is_over"]}
        return (yield from history.find(self.channel_id, wanted, first, newest=reads_new))

    def _visit(self, drop: Json, found: Found) -> Steps[None]:
        """Look at one drop; what Discord refuses of one message holds up no other."""
        try:
            message = found.messages.get(drop["message_id"])
            if message is None and drop["message_id"] in found.missing:
                message = yield rest.message(self.channel_id, drop["message_id"])  # a list may be a moment behind
            if message is not None:
                yield from self._collect(drop, message)
        except DiscordError as error:
            if error.code == UNKNOWN_MESSAGE:
                self._is_quiet = False
                self._results.add("gone", drop_id=drop["drop_id"])
            elif error.is_retryable and self._trouble is None:
                self._trouble = error
            elif error.is_retryable or error.is_gone or error.affects_channel:
                raise
            else:
                self._failed(error, drop_id=drop["drop_id"])

    def _collect(self, drop: Json, message: Message) -> Steps[None]:
        """Read the drop's list if something has changed or must be known, and let the bot's own reaction come or go."""
        emoji = Emoji.parse(drop["emoji"])
        counts = Counts.of(message, emoji) if emoji else Counts(0, 0, has_ours=False)
        has_changed = (counts.normal, counts.super) != (drop["normal_count"], drop["super_count"])
        self._is_quiet &= not (has_changed or drop["is_cut"] or drop["is_over"])
        is_read = True
        if emoji and (drop["must_read"] or (has_changed and not drop["is_over"])):
            is_read = yield from self._read(drop, message, emoji, counts)
        if drop["is_over"] and is_read:
            if emoji and counts.has_ours:
                yield from self._remove(drop, emoji)
            self._results.add("collected", drop_id=drop["drop_id"])
            self._results.counts["collected"] += 1
        elif emoji and not drop["is_over"] and not counts.has_ours:
            yield from self._react(drop, emoji)

    def _read(self, drop: Json, message: Message, emoji: Emoji, counts: Counts) -> Steps[bool]:
        """Read the list, unless the message shows that nobody stands there."""
        if not (drop["must_read"] or counts.normal or counts.super):
            look = {"look": drop["look"] + 1, "started_at": self._leased_at, "normal_count": 0, "super_count": 0}
            self._results.add("seen", drop_id=drop["drop_id"], **look)
            return True
        author_id = None if drop["is_own_message"] else message["author"]["id"]
        reading = Reading(self._channel, drop, author_id, self._known, self._results)
        return (yield from reading.steps(emoji, counts, self._leased_at, self._run))

    def _react(self, drop: Json, emoji: Emoji) -> Steps[None]:
        """Put the bot's own reaction, again: a command died, or somebody took it away. The drop pays without it too."""
        if self._may_react:
            try:
                yield rest.reaction(self.channel_id, drop["message_id"], emoji)
            except DiscordError as error:
                self._may_react = not error.affects_channel

    def _remove(self, drop: Json, emoji: Emoji) -> Steps[None]:
        try:
            yield rest.reaction_removal(self.channel_id, drop["message_id"], emoji)
        except DiscordError as error:
            if error.status != 404:  # it is gone already
                raise

    def _watch(self, found: Found) -> Steps[None]:
        watch = Watch(self._channel, self._known, self._run)
        taken = {drop["message_id"] for drop in self._channel["drops"]}
        yield from watch.steps(found.newest, taken)
        self._results.counts["added"] += watch.added
        self._is_quiet &= watch.problem is not None or not watch.has_new
        for message_id, error in watch.refused.items():
            self._failed(error, message_id=message_id)
        if watch.problem:
            self._results.add("paused", channel_id=self.channel_id, problem=watch.problem)

    def _refused(self, error: DiscordError) -> None:
        """Note why the channel cannot be looked at: what admins do every day is no failure."""
        if error.is_gone:
            problem = "channel_gone"
            for drop in self._channel["drops"]:
                self._results.add("gone", drop_id=drop["drop_id"])
        elif isinstance(error, ClosedHistoryError):
            problem = "no_history"
        else:
            problem = "channel_closed"
            if not error.affects_channel:
                self._failed(error)
        self._results.add("refused", channel_id=self.channel_id, problem=problem)
        self._results.counts["closed"] += 1

    def _failed(self, error: DiscordError, **where: str) -> None:
        logger.warning("reactions not collected", extra={"channel_id": self.channel_id, "problem": str(error)} | where)
        self._results.counts["failed"] += 1
