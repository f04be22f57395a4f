"""The messages that members see: those of the fake Discord, and ephemeral ones."""

import threading
from contextlib import suppress

from infra.fake_discord.contract import Json
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.resources.messages import EPHEMERAL
from infra.fake_discord.resources.reactions import emoji_name
from infra.playground.server.events import Events

KEPT = 50  # the newest ephemeral messages of a member in a channel; the older ones are forgotten


class Feed:
    """Reads and changes messages, and publishes every change, whoever made it."""

    def __init__(self, discord: FakeDiscord, events: Events) -> None:
        self._discord = discord
        self._events = events
        self._lock = threading.Lock()
        self._ephemeral: dict[tuple[str, str], dict[str, Json]] = {}  # by channel and member, then by message

    def start(self) -> None:
        """Subscribe to the fake Discord's changes."""
        self._discord.listeners.append(self._changed)

    def stop(self) -> None:
        """Unsubscribe."""
        with suppress(ValueError):  # never started
            self._discord.listeners.remove(self._changed)

    def messages(self, channel_id: str, member_id: str) -> list[Json]:
        """Everything that a member sees in a channel, the oldest first."""
        written = [*self._discord.messages(channel_id), *self._discord.posts(channel_id)]
        public = [self._with_users(self.shown(message)) for message in written]
        return sorted([*public, *self._private(channel_id, member_id)], key=lambda message: int(message["id"]))

    def message(self, channel_id: str, member_id: str, message_id: str) -> Json:
        """A message that a member sees in a channel; DiscordError when there is none."""
        for message in self._private(channel_id, member_id):
            if message["id"] == message_id:
                return message
        for message in self._discord.posts(channel_id):
            if message["id"] == message_id:
                return message
        return self._discord.message_in(channel_id, message_id)

    def shown(self, message: Json) -> Json:
        """The message with the forum whose post it is in, for the page, which shows it there."""
        forum_id = self._discord.parent(message["channel_id"])
        return message | {"shown_in": forum_id} if forum_id else message

    def keep(self, member_id: str, message: Json) -> None:
        """Add or replace an ephemeral message of a member."""
        message = self.shown(message)
        channel_id = str(message.get("shown_in") or message["channel_id"])
        with self._lock:
            private = self._ephemeral.setdefault((channel_id, member_id), {})
            private[message["id"]] = message
            while len(private) > KEPT:
                del private[next(iter(private))]
        self._events.publish("ephemeral", member=member_id, channel=channel_id, message=message)

    def delete(self, channel_id: str, message_id: str) -> None:
        """Delete a message by hand, or dismiss an ephemeral one."""
        if member_id := self._dismissed(channel_id, message_id):
            self._events.publish("ephemeral_gone", member=member_id, channel=channel_id, id=message_id)
        else:
            message = self.message(channel_id, "", message_id)
            self._discord.delete_message(message["channel_id"], message_id)

    def _private(self, channel_id: str, member_id: str) -> list[Json]:
        with self._lock:
            return list(self._ephemeral.get((channel_id, member_id), {}).values())

    def _dismissed(self, channel_id: str, message_id: str) -> str | None:
        """Forget an ephemeral message; return the id of the member who saw it, None for other messages."""
        with self._lock:
            for (channel, member_id), private in self._ephemeral.items():
                if channel == channel_id and private.pop(message_id, {}):
                    return member_id
        return None

    def _changed(self, channel_id: str, message_id: str) -> None:
        try:
            message = self._discord.message(message_id)
        except KeyError:
            self._events.publish("message_deleted", channel=channel_id, id=message_id)
            return
        if message["flags"] & EPHEMERAL:  # a reply over REST
            self.keep(message["interaction_metadata"]["user"]["id"], message)
        else:
            shown = self.shown(message)
            self._events.publish("message", channel=shown.get("shown_in", channel_id), message=self._with_users(shown))

    def _with_users(self, message: Json) -> Json:
        """The message with the ids of those who reacted, for the page."""
        reactions = message.get("reactions", [])
        named = [
            reaction | {"users": self._discord.reactors(message["id"], emoji_name(reaction["emoji"]))}
            for reaction in reactions
        ]
        return message | {"reactions": named} if named else message
