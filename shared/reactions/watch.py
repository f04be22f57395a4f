"""The new messages of a watched channel, which become drops."""

import time
from typing import Any

from shared.discord import rest, snowflake
from shared.discord.emoji import Emoji
from shared.discord.error import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    REACTION_BLOCKED,
    SYSTEM_MESSAGE,
    THREAD_ARCHIVED,
    THREAD_LOCKED,
    TOO_MANY_REACTIONS,
    UNKNOWN_CHANNEL,
    UNKNOWN_EMOJI,
    UNKNOWN_MESSAGE,
    DiscordError,
)
from shared.discord.history import ClosedHistoryError
from shared.discord.payload import WRITTEN
from shared.discord.reactions import Message, is_bot
from shared.discord.steps import Steps
from shared.reactions.known import Known
from shared.scheduled import Run
from shared.settings import DiscordSettings

Json = dict[str, Any]

OLDEST_SECONDS = 24 * 3600  # of a message that still becomes a drop, after a pause
MOST_MESSAGES = 100  # at one look; the next one goes on
STORED_AT_ONCE = 10  # so that a run whose time is up early has come further all the same
PASSED_OVER = (UNKNOWN_MESSAGE, SYSTEM_MESSAGE, REACTION_BLOCKED, TOO_MANY_REACTIONS)
POST_CLOSED = (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, THREAD_ARCHIVED, THREAD_LOCKED)  # refuses this post alone


class Watch:
    """A watch at one look: the bot reacts to each new message before the database gets its drop."""

    def __init__(self, channel: Json, known: Known, run: Run) -> None:
        self._channel_id = channel["channel_id"]
        self._server_id = channel["server_id"]
        self._watch = channel["watch"]
        self._known = known
        self._run = run
        self._stored = self._last = channel["watch"]["last_message_id"]  # up to where it was looked at
        self._done = list[Json]()  # the messages that have our reaction and are not stored
        self.added = 0  # drops
        self.refused = dict[str, DiscordError]()  # messages that were passed over for a reason that we do not know
        self.has_new = False
        self.problem: str | None = None  # why it must pause

    def steps(self, newest: list[Message], taken: set[str]) -> Steps[None]:
        """Make drops of the new messages but those that are `taken`. Raises DiscordError."""
        emoji = Emoji.parse(self._watch["emoji"])
        if emoji is None:
            self.problem = "emoji_unknown"
            return
        new = yield from (self._posts() if self._watch["is_forum"] else self._messages(newest))
        self.has_new = bool(new)
        for each in new:
            if not (each["id"] in taken or (yield from self._take(each, emoji))):
                break
            self._last = each["id"]
            if len(self._done) == STORED_AT_ONCE:
                self._store()
        self._store()

    def _take(self, new: Json, emoji: Emoji) -> Steps[bool]:
        """React to a new message if the watch wants it. False where it must wait."""
        try:
            message = (yield from self._first_message(new)) if self._watch["is_forum"] else new
            is_wanted = yield from self._wants(message)
            if is_wanted:
                yield rest.reaction(message["channel_id"], message["id"], emoji)
        except DiscordError as error:
            return self._goes_on(error, new["id"])
        if is_wanted:
            self._done.append({"message_id": message["id"], "channel_id": message["channel_id"]})
        return is_wanted is not None

    def _goes_on(self, error: DiscordError, message_id: str) -> bool:
        """Whether the next message has its turn after a refusal of this one. Raises what is refused of all."""
        if error.code in PASSED_OVER or (self._watch["is_forum"] and error.code in POST_CLOSED):
            return True
        if error.is_gone or isinstance(error, ClosedHistoryError):
            raise error
        if error.code == UNKNOWN_EMOJI:
            self.problem = "emoji_unknown"
        elif error.affects_channel:
            self.problem = "no_reactions"
        elif not error.is_retryable:
            self.refused[message_id] = error
            return True
        return False

    def _store(self) -> None:
        """Have drops made of those that have our reaction."""
        if self._last != self._stored:
            messages, self._done, self._stored = self._done, [], self._last
            told = self._run.rpc(
                "add_watched_drops", watch_id=self._watch["watch_id"], messages=messages, last_message_id=self._last
            )
            self.added += told.get("added", 0)

    def _messages(self, newest: list[Message]) -> Steps[list[Message]]:
        """The messages since the last look, the oldest first."""
        page, last = newest, self._watch["last_message_id"]
        if len(page) == rest.PAGE and int(page[-1]["id"]) > int(last):
            page = yield rest.messages(self._channel_id, after=last)
        return sorted((each for each in page if self._is_new(each)), key=_age)[:MOST_MESSAGES]

    def _posts(self) -> Steps[list[Json]]:
        """The threads of a forum's new posts, the oldest first."""
        # Refused where the forum is gone or closed: its threads would only be missing.
        yield rest.channel(self._channel_id)
        threads = yield from self._known.ask_threads(self._server_id)
        new = (each for each in threads if each["parent_id"] == self._channel_id and self._is_new(each))
        return sorted(new, key=_age)[:MOST_MESSAGES]

    def _first_message(self, thread: Json) -> Steps[Message]:
        """The first message of a post, which has the id of its thread. Raises DiscordError."""
        try:
            message: Message = yield rest.message(thread["id"], thread["id"])
        except DiscordError as error:
            if error.code in (MISSING_ACCESS, MISSING_PERMISSIONS):  # the forum itself could be seen
                raise ClosedHistoryError(error.status, error.code) from None
            raise
        return message

    def _is_new(self, thing: Json) -> bool:
        return int(thing["id"]) > int(self._watch["last_message_id"])

    def _wants(self, message: Message) -> Steps[bool | None]:
        """Does a message become a drop? None where that cannot be known now."""
        author_id, role = message["author"]["id"], self._watch["author_role_id"]
        is_young = time.time() - snowflake.made_at(message["id"]) < OLDEST_SECONDS
        is_ours = author_id == DiscordSettings.load().application_id
        if not self._watch["has_event"] or is_ours or message["type"] not in WRITTEN or not is_young:
            return False  # without an event the emoji would promise what nobody is paid
        if self._watch["authors"] != "everyone" and (self._watch["authors"] == "bots") != is_bot(message):
            return False
        if role is None:
            return True
        if is_bot(message):
            return False
        roles = yield from self._known.ask_roles(self._server_id, [author_id])
        return role in roles[author_id] if roles else None


def _age(thing: Json) -> int:
    return int(thing["id"])
