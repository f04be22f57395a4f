"""A message that an admin names, by its link or its id."""

import re
from typing import Annotated

from pydantic import Field

from shared.discord.payload import Channel
from shared.format import channel_mention
from shared.interactions.problems import InvalidOptionsError, Problem

MessageNamed = Annotated[
    str,
    Field(description="For reactions: a message that is there, by its link or id; default: I post one", max_length=200),
]
IN_ANOTHER_CHANNEL = "{name} is in {channel}: choose that channel too, or use the command there."

_LINK = re.compile(
    r"<?(?:https?://)?(?:(?:canary|ptb)\.)?discord(?:app)?\.com/channels/([0-9]{1,20}|@me)/([0-9]{1,20})/([0-9]{1,20})/?>?",
    re.ASCII,
)
_ID = re.compile(r"(?:([0-9]{1,20})-)?([0-9]{1,20})", re.ASCII)  # Discord copies some with their channel


def message_in(channel: Channel, server_id: str | None, typed: str) -> str:
    """The id of a message of a channel that is named by its link or id. Raises InvalidOptionsError."""
    if link := _LINK.fullmatch(typed.strip()):
        server, place, message_id = link.groups()
    elif plain := _ID.fullmatch(typed.strip()):
        server, place, message_id = server_id, plain[1] or channel.id, plain[2]
    else:
        raise InvalidOptionsError([Problem("message", "{name} must be the link or the id of a message.")])
    if server != server_id:
        raise InvalidOptionsError([Problem("message", "{name} is in another server: choose one of this server.")])
    if place != channel.id:
        where = channel_mention(str(place))
        raise InvalidOptionsError([Problem("message", IN_ANOTHER_CHANNEL, {"channel": where})])
    return message_id
