"""The emoji of a reaction drop: as an option, and as people read it."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.discord import rest
from shared.discord.emoji import Emoji
from shared.discord.error import UNKNOWN_EMOJI, DiscordError
from shared.format import cut, line, one_line
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import declare_refusals
from shared.interactions.problems import WrongValueError
from shared.log import logger

PARTY = "🎉"  # the default
ASKING_SECONDS = 0.7  # the calls that follow need the rest


def _parse(typed: str) -> str:
    emoji = Emoji.parse(typed)
    if emoji is None:
        raise WrongValueError(
            "{name} must be one emoji, such as {example}, or one of this server as <:name:id>.", example=PARTY
        )
    return str(emoji)


ReactionEmoji = Annotated[
    str,
    AfterValidator(_parse),
    Field(description=f"What members react with, such as {PARTY} or an emoji of this server", max_length=80),
]


DropEmoji = Annotated[
    str,
    AfterValidator(_parse),
    Field(
        description=f"On the button, or what members react with: such as {PARTY} or one of this server", max_length=80
    ),
]


def is_foreign(interaction: Interaction, emoji: str) -> bool:
    """Is it no emoji of this server? Ask Discord for a custom one; where it does not answer, reacting will tell."""
    parsed, server_id = Emoji.parse(emoji), interaction.payload.guild_id
    if parsed is None or not parsed.id or server_id is None:
        return False
    try:
        rest.get_emoji(server_id, parsed.id, timeout=min(interaction.seconds_left(), ASKING_SECONDS))
    except DiscordError as error:
        logger.info("emoji not found", extra={"problem": str(error)})
        return error.code == UNKNOWN_EMOJI
    return False


# --- Words


def shown(emoji: str | None) -> str:
    """An emoji in a message; what is none (other programs may write anything) as text."""
    parsed = Emoji.parse(emoji or "")
    return str(parsed) if parsed and parsed.id else line(emoji or "", 40)


def in_plain(emoji: str | None) -> str:
    """An emoji where Discord shows plain text: 🎉, :party:."""
    parsed = Emoji.parse(emoji or "")
    return f":{parsed.name}:" if parsed and parsed.id else cut(one_line(emoji or ""), 40)


declare_refusals(
    {
        "emoji_foreign": lambda f: (
            f"{shown(f['emoji'])} is no emoji of this server, so I cannot use it here. "
            f"Choose one of this server's, or a common one such as {PARTY}. Nothing has changed."
        ),
    }
)
