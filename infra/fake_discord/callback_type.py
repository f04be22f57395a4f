"""The types of replies to an interaction.

https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type
"""

from enum import IntEnum


class CallbackType(IntEnum):
    """The `type` of a reply."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9
    ACTIVITY = 12
