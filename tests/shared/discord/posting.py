"""Messages to post, and the refusals of Discord."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.discord import rest
from shared.discord.error import DiscordError
from shared.discord.reply import message_payload

CHANNEL, OTHER_CHANNEL = "640000000000000001", "640000000000000002"
HELLO = message_payload("Hello")


def post(nonce: str = "1", channel: str = CHANNEL, timeout: float = 2.0) -> str:
    """Post a message; gives its id."""
    return rest.created_id(rest.send(rest.message_creation(channel, HELLO, nonce=nonce), timeout=timeout))


def refused(call: Callable[[], Any]) -> DiscordError:
    """The error that a call ends in."""
    with pytest.raises(DiscordError) as caught:
        call()
    return caught.value
