"""One verified interaction under way."""

import math
import time
from dataclasses import dataclass, field
from typing import Any

from shared import database
from shared.discord import deferred_reply, rest
from shared.discord.payload import Payload
from shared.discord.reply import MessagePayload

# Discord waits 3 s from the moment it made the id; what is left out covers its network and ours.
REPLY_SECONDS = 2.4
LEAST_SECONDS = 0.3  # for a last step that a slow one before it left no time for
STEP_SECONDS = 10  # for any step once the reply is deferred
SENDING_SECONDS = 2 * STEP_SECONDS  # kept to send it, and to say so where Discord does not take it
DISCORD_EPOCH_MS = 1420070400000


@dataclass
class Interaction:
    """One verified interaction under way: who did what where, how much time is left, and what became of it."""

    payload: Payload
    stops_at: float = math.inf  # monotonic: when Lambda ends the function
    deadline: float = field(init=False)  # monotonic
    deferred_at: float | None = field(default=None, init=False)  # monotonic
    required_level: int | None = None  # by the declaration of the command
    outcome: str = "answered"

    def __post_init__(self) -> None:
        """Take the time: Discord made the interaction when its id says.

        An age that cannot be (a redelivery, a clock that is off) tells nothing: then there is all the time, because an
        answer too late is no worse than none.
        """
        age = time.time() - ((int(self.payload.id) >> 22) + DISCORD_EPOCH_MS) / 1000
        self.deadline = time.monotonic() + REPLY_SECONDS - (age if 0 <= age <= REPLY_SECONDS else 0)

    @property
    def user_id(self) -> str:
        """The member's id; only for interactions in a server, which is all that is dispatched."""
        assert self.payload.member is not None  # noqa: S101
        return self.payload.member.user.id

    @property
    def manages_server(self) -> bool:
        """Has the member ADMINISTRATOR or MANAGE_GUILD?"""
        return self.payload.member is not None and self.payload.member.manages_server

    @property
    def caller(self) -> dict[str, Any]:
        """The signed facts about who acts, as SQL's internal.caller."""
        return {
            "interaction_id": self.payload.id,
            "server_id": self.payload.guild_id,
            "channel_id": self.payload.channel_id,
            "user_id": self.user_id,
            "role_ids": self.payload.member.roles if self.payload.member else [],
            "manages_server": self.manages_server,
            "required_level": self.required_level,
        }

    def seconds_left(self) -> float:
        """How long the next step towards the answer may take."""
        return min(max(self.deadline - time.monotonic(), LEAST_SECONDS), STEP_SECONDS)

    def rpc(self, function: str, **arguments: Any) -> dict[str, Any]:
        """Ask the database on the caller's behalf, in the time that is left."""
        result: dict[str, Any] = database.rpc(function, timeout=self.seconds_left(), caller=self.caller, **arguments)
        self.outcome = result["outcome"]
        return result

    def defer(self) -> None:
        """Have Discord wait for a reply that takes longer; only the one who acted will see it. Raises DiscordError."""
        deferred_reply.defer(self.payload.id, self.payload.token, timeout=self.seconds_left())
        self.deferred_at = time.monotonic()
        self.deadline = self.stops_at - SENDING_SECONDS

    def send(self, message: MessagePayload, file: rest.File | None = None) -> None:
        """Give the reply that was deferred. Raises DiscordError."""
        assert self.deferred_at is not None  # noqa: S101
        deferred_reply.edit(
            self.payload.id,
            self.payload.token,
            message,
            file=file,
            deferred_at=self.deferred_at,
            timeout=STEP_SECONDS,
        )
