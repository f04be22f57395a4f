"""Why Discord refused the message of a drop, or a reaction to it, and what helps."""

from shared.discord.error import (
    INVALID_BODY,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NO_REPLY_WITHOUT_HISTORY,
    NO_TEXT_CHANNEL,
    REACTION_BLOCKED,
    SYSTEM_MESSAGE,
    THREAD_ARCHIVED,
    THREAD_LOCKED,
    TOO_LARGE,
    TOO_MANY_REACTIONS,
    UNKNOWN_CHANNEL,
    UNKNOWN_EMOJI,
    UNKNOWN_MESSAGE,
)
from shared.features.drops.emoji import PARTY

_OF_MESSAGES = {
    0: "It did not say why; if this happens again, the bot's token may have been reset.",
    UNKNOWN_CHANNEL: "The channel no longer exists.",
    MISSING_ACCESS: "I cannot see that channel; give me View Channel there, and in a voice channel Connect.",
    MISSING_PERMISSIONS: "I lack a permission there; give me Send Messages and Embed Links.",
    NO_TEXT_CHANNEL: "That kind of channel takes no messages.",
    THREAD_ARCHIVED: "The thread is archived; write something in it, then try again.",
    NO_REPLY_WITHOUT_HISTORY: "I cannot read older messages there; give me Read Message History.",
    THREAD_LOCKED: "The thread is locked.",
    INVALID_BODY: "It did not accept something in the message; if its button has an emoji, choose another one.",
    TOO_LARGE: "The picture is too large for this server.",
}

_OF_REACTIONS = {
    UNKNOWN_EMOJI: f"It knows no such emoji. Choose one of this server's, or a common one such as {PARTY}.",
    TOO_MANY_REACTIONS: (
        "The message has 20 different reactions already, and it allows no more. Choose one of those emoji, or another "
        "message."
    ),
    SYSTEM_MESSAGE: "That is a message of its own. Choose one that somebody wrote.",
    REACTION_BLOCKED: (
        "Whoever wrote the message has blocked me. Choose another message, or leave it out so that I post one."
    ),
    UNKNOWN_MESSAGE: (
        "There is no such message in the channel. Copy its link once more, and choose its channel with it."
    ),
    MISSING_PERMISSIONS: "I lack a permission there; give me Add Reactions and Read Message History.",
}


def discord_problem(code: int) -> str:
    """Why Discord refused a message, and what helps; `code` is Discord's error code, 0 if it gave none."""
    return _OF_MESSAGES.get(code, f"It gave the error {code}.")


def reaction_problem(code: int) -> str:
    """Why Discord refused the bot's reaction, and what helps."""
    return _OF_REACTIONS.get(code) or discord_problem(code)
