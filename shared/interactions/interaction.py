"""One verified interaction while it is handled."""

import math
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from shared import database
from shared.discord import categories, deferred_reply, rest, snowflake
from shared.discord.error import ALREADY_ACKNOWLEDGED, DiscordError
from shared.discord.payload import Channel, Payload
from shared.discord.reply import MessagePayload

# Discord waits 3 s from the time in the id; the rest is for the network.
REPLY_SECONDS = 2.4
LEAST_SECONDS = 0.3  # a step gets this even after a slow one
STEP_SECONDS = 10  # for any step once the reply is deferred
CATEGORY_SECONDS = 1  # to ask for a category; the call that follows needs the rest
SENDING_SECONDS = 2 * STEP_SECONDS  # reserved to send the deferred reply, and to say so if Discord refuses it


class AlreadyAcknowledgedError(Exception):
    """A redelivery: Discord has the answer of the first delivery, which also sends the reply."""


class Pays(Enum):
    """What a command or button pays the member who uses it, and so whether it is safe to repeat."""

    NOTHING = "nothing"
    ONCE = "once"
    AGAIN = "again"


@dataclass
class Interaction:
    """One verified interaction: who did what and where, the time that is left, and its outcome for the log."""

    payload: Payload
    stops_at: float = math.inf  # monotonic: when Lambda ends the function
    deadline: float = field(init=False)  # monotonic
    deferred_at: float | None = field(default=None, init=False)  # monotonic
    required_level: int | None = None  # as the handler declares it
    is_level_checked: bool = False  # by an SQL function
    pays: Pays = Pays.NOTHING  # as the handler declares it
    outcome: str = "answered"

    def __post_init__(self) -> None:
        """Set the deadline from the time in the interaction's id.

        Ignore an implausible age (clock skew, redelivery) and allow the whole time: a late reply is no worse than none.
        """
        age = time.time() - snowflake.made_at(self.payload.id)
        self.deadline = time.monotonic() + REPLY_SECONDS - (age if 0 <= age <= REPLY_SECONDS else 0)

    @property
    def user_id(self) -> str:
        """The member's id; dispatch lets only interactions in a server through."""
        assert self.payload.member is not None  # noqa: S101
        return self.payload.member.user.id

    @property
    def manages_server(self) -> bool:
        """Whether the member has ADMINISTRATOR or MANAGE_GUILD."""
        return self.payload.member is not None and self.payload.member.manages_server

    @property
    def caller(self) -> dict[str, Any]:
        """The verified facts about the member, as SQL's internal.caller."""
        assert self.payload.member is not None  # noqa: S101
        timed_out_until = self.payload.member.communication_disabled_until
        return {
            "interaction_id": self.payload.id,
            "server_id": self.payload.guild_id,
            "user_id": self.user_id,
            "role_ids": self.payload.member.roles or [],
            "manages_server": self.manages_server,
            "required_level": self.required_level,
            "is_pending": self.payload.member.pending,
            "timed_out_until": timed_out_until.isoformat() if timed_out_until else None,
        }

    def seconds_left(self) -> float:
        """How long the next step may take."""
        return min(max(self.deadline - time.monotonic(), LEAST_SECONDS), STEP_SECONDS)

    def rpc(self, function: str, place: Channel | None = None, /, **arguments: Any) -> dict[str, Any]:
        """Call an SQL function on the caller's behalf, in the time that is left, and note its outcome.

        The function compares the member's level with the one that is required. `place` is where it happens, unless that
        is where the caller is. Where its category decides and is unknown, ask Discord and call once more: the first
        call has changed nothing.
        """
        place = place or self.payload.here
        result = self._call(function, place, arguments)
        if result["outcome"] == "category_needed" and place.parent_id:
            categories.ask(place.parent_id, timeout=min(self.seconds_left(), CATEGORY_SECONDS))
            result = self._call(function, place, arguments)
        self.outcome = result["outcome"]
        self.is_level_checked = True
        return result

    def _call(self, function: str, place: Channel, arguments: dict[str, Any]) -> dict[str, Any]:
        caller = self.caller | _place_facts(place)
        result: dict[str, Any] = database.rpc(function, timeout=self.seconds_left(), caller=caller, **arguments)
        return result

    def conclude(self, outcome: str, **facts: Any) -> dict[str, Any]:
        """Note an outcome that Python decides; the result has the shape of one from `rpc`."""
        self.outcome = outcome
        return facts | {"outcome": outcome}

    def defer(self) -> None:
        """Tell Discord that an ephemeral reply follows later. Raises DiscordError, AlreadyAcknowledgedError."""
        try:
            deferred_reply.defer(self.payload.id, self.payload.token, timeout=self.seconds_left())
        except DiscordError as error:
            if error.code == ALREADY_ACKNOWLEDGED:
                raise AlreadyAcknowledgedError from None
            raise
        self.deferred_at = time.monotonic()
        self.deadline = self.stops_at - SENDING_SECONDS

    def send(self, message: MessagePayload, file: rest.File | None = None) -> None:
        """Send the reply that was deferred. Raises DiscordError."""
        assert self.deferred_at is not None  # noqa: S101
        deferred_reply.edit(
            self.payload.id,
            self.payload.token,
            message,
            file=file,
            deferred_at=self.deferred_at,
            timeout=STEP_SECONDS,
        )


def _place_facts(place: Channel) -> dict[str, Any]:
    """Where something happens, as SQL's internal.caller."""
    parents = [place.parent_id] if place.parent_id else []
    category = categories.kept(parents[0]) if place.is_thread and parents else []
    return {
        "channel_id": place.id,
        "parent_ids": parents + (category or []),
        "is_place_known": category is not None,
    }
