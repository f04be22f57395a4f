"""The new messages of a watched channel, which become drops."""

import time
from typing import Any

from shared.discord import rest, snowflake
from shared.discord.emoji import Emoji
from shared.discord.error import (
    REACTION_BLOCKED,
    SYSTEM_MESSAGE,
    TOO_MANY_REACTIONS,
    UNKNOWN_EMOJI,
    UNKNOWN_MESSAGE,
    DiscordError,
)
from shared.discord.reactions import Message, is_bot
from shared.discord.steps import Steps
from shared.reactions.known import Known
from shared.reactions.results import Rpc
from shared.settings import DiscordSettings

Json = dict[str, Any]

WRITTEN = (0, 19, 20, 23)  # types of messages: written, a reply, by a command; all others are Discord's own
OLDEST_SECONDS = 24 * 3600  # of a message that still becomes a drop, after a pause
MOST_MESSAGES = 100  # at one look; the next one goes on
PASSED_OVER = (UNKNOWN_MESSAGE, SYSTEM_MESSAGE, REACTION_BLOCKED, TOO_MANY_REACTIONS)


class Watch:
    """A watch at one look: the bot reacts to each new message before the database gets its drop."""

    def __init__(self, channel: Json, known: Known) -> None:
        self._channel_id = channel["channel_id"]
        self._server_id = channel["server_id"]
        self._watch = channel["watch"]
        self._known = known
        self.problem: str | None = None  # why it must pause

    def steps(self, newest: list[Message], taken: set[str], rpc: Rpc) -> Steps[int]:
        """Make drops of the new messages but those that are `taken`; gives how many. Raises DiscordError."""
        emoji = Emoji.parse(self._watch["emoji"])
        if emoji is None:
            self.problem = "emoji_unknown"
            return 0
        done, last = list[Json](), self._watch["last_message_id"]
        messages = yield from (self._posts() if self._watch["is_forum"] else self._messages(newest))
        for message in messages:
            is_wanted = message["id"] not in taken and (yield from self._wants(message))
            if is_wanted is None:
                break
            if is_wanted and not (yield from self._react(message, emoji, done)):
                break
            last = message["id"]
        if last == self._watch["last_message_id"]:
            return 0
        told = rpc("add_watched_drops", watch_id=self._watch["watch_id"], messages=done, last_message_id=last)
        return int(told.get("added", 0))

    def _messages(self, newest: list[Message]) -> Steps[list[Message]]:
        """The messages since the last look, the oldest first."""
        page, last = newest, self._watch["last_message_id"]
        if len(page) == rest.PAGE and int(page[-1]["id"]) > int(last):
            page = yield rest.messages(self._channel_id, after=last)
        return sorted((each for each in page if self._is_new(each)), key=_age)[:MOST_MESSAGES]

    def _posts(self) -> Steps[list[Message]]:
        """The first messages of a forum's new posts, which have the ids of their threads, the oldest first."""
        yield rest.channel(
            self._channel_id
        )  # refuses where the forum is gone or closed: its threads would only be missing
        threads = yield from self._known.ask_threads(self._server_id)
        new = [each for each in threads if each["parent_id"] == self._channel_id and self._is_new(each)]
        messages = []
        for thread in sorted(new, key=_age)[:MOST_MESSAGES]:
            try:
                messages.append((yield rest.message(thread["id"], thread["id"])))
            except DiscordError as error:
                if error.code != UNKNOWN_MESSAGE:
                    raise
        return messages

    def _is_new(self, thing: Json) -> bool:
        return int(thing["id"]) > int(self._watch["last_message_id"])

    def _wants(self, message: Message) -> Steps[bool | None]:
        """Does a message become a drop? None where that cannot be known now."""
        author_id, role = message["author"]["id"], self._watch["author_role_id"]
        is_young = time.time() - snowflake.made_at(message["id"]) < OLDEST_SECONDS
        is_ours = author_id == DiscordSettings.load().application_id
        if is_ours or message["type"] not in WRITTEN or not is_young:
            return False
        if self._watch["authors"] != "everyone" and (self._watch["authors"] == "bots") != is_bot(message):
            return False
        if role is None:
            return True
        if is_bot(message):
            return False
        roles = yield from self._known.ask_roles(self._server_id, [author_id])
        return role in roles[author_id] if roles else None

    def _react(self, message: Message, emoji: Emoji, done: list[Json]) -> Steps[bool]:
        """React to a message, and note it as done unless nobody can react there. False where it must wait."""
        try:
            yield rest.reaction(message["channel_id"], message["id"], emoji)
        except DiscordError as error:
            if error.code in PASSED_OVER:
                return True
            if error.code == UNKNOWN_EMOJI:
                self.problem = "emoji_unknown"
            elif error.affects_channel:
                self.problem = "no_reactions"
            elif not error.is_retryable:
                raise
            return False
        done.append({"message_id": message["id"], "channel_id": message["channel_id"]})
        return True


def _age(thing: Json) -> int:
    return int(thing["id"])
