"""What members see in the channels: the local Discord's messages, and those that only one of them sees."""

from contextlib import suppress

from infra.local.contract import Json
from infra.local.discord import LocalDiscord
from infra.local.playground.events import Events
from infra.local.playground.refused import RefusedError
from infra.local.resources import EPHEMERAL

KEPT = 50  # ephemeral messages of a member in a channel; Discord forgets all of them when the app is opened anew


class Feed:
    """Reads and changes messages, and tells the pages of every change, whoever made it."""

    def __init__(self, discord: LocalDiscord, events: Events) -> None:
        self._discord = discord
        self._events = events
        self._ephemeral: dict[tuple[str, str], dict[str, Json]] = {}  # by channel and member, then by message

    def start(self) -> None:
        """Listen to the local Discord."""
        self._discord.listeners.append(self._changed)

    def stop(self) -> None:
        """Listen no more."""
        with suppress(ValueError):  # never started
            self._discord.listeners.remove(self._changed)

    def messages(self, channel_id: str, member_id: str) -> list[Json]:
        """Everything that a member sees in a channel, the oldest first."""
        private = self._ephemeral.get((channel_id, member_id), {})
        return sorted([*self._discord.messages(channel_id), *private.values()], key=lambda message: int(message["id"]))

    def message(self, channel_id: str, member_id: str, message_id: str) -> Json:
        """A message that a member sees in a channel."""
        if private := self._ephemeral.get((channel_id, member_id), {}).get(message_id):
            return private
        with suppress(KeyError, ValueError):
            message = self._discord.message(message_id)
            if message["channel_id"] == channel_id and not message["flags"] & EPHEMERAL:
                return message
        raise RefusedError(404, "This message is not here any more.")

    def keep(self, member_id: str, message: Json) -> None:
        """Show a message to one member, or show it as it is now."""
        private = self._ephemeral.setdefault((message["channel_id"], member_id), {})
        private[message["id"]] = message
        while len(private) > KEPT:
            del private[next(iter(private))]
        self._events.publish("ephemeral", member=member_id, channel=message["channel_id"], message=message)

    def delete(self, channel_id: str, message_id: str) -> None:
        """Delete a message by hand; one that only a member sees is dismissed."""
        for (channel, member), private in self._ephemeral.items():
            if channel == channel_id and message_id in private:
                del private[message_id]
                self._events.publish("ephemeral_gone", member=member, channel=channel_id, id=message_id)
                return
        self._discord.delete_message(channel_id, message_id)

    def _changed(self, channel_id: str, message_id: str) -> None:
        try:
            message = self._discord.message(message_id)
        except KeyError:
            self._events.publish("message_deleted", channel=channel_id, id=message_id)
            return
        if message["flags"] & EPHEMERAL:  # a reply that came later, over REST
            self.keep(message["interaction_metadata"]["user"]["id"], message)
        else:
            self._events.publish("message", channel=channel_id, message=message)
