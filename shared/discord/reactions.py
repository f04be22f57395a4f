"""How many reacted to a message, and who."""

from typing import Any, NamedTuple, Self

from shared.discord.emoji import Emoji

Message = dict[str, Any]
User = dict[str, Any]


class Counts(NamedTuple):
    """How many others have reacted with an emoji, normally and with a super reaction, and whether the bot has."""

    normal: int
    super: int
    has_ours: bool

    @classmethod
    def of(cls, message: Message, emoji: Emoji) -> Self:
        """The counts that a message shows."""
        for reaction in message.get("reactions", ()):
            if emoji.is_same(reaction["emoji"]):
                details, ours = reaction["count_details"], bool(reaction["me"])
                return cls(details["normal"] - ours, details["burst"] - bool(reaction["me_burst"]), ours)
        return cls(0, 0, has_ours=False)


def is_bot(message: Message) -> bool:
    """Is a message a bot's or a webhook's?"""
    return bool(message["author"].get("bot")) or "webhook_id" in message
