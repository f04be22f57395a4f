"""The part of Discord's interaction payload that we use.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

import time
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared import database

# Discord waits 3 s from the moment it made the id; what is left out covers its network and ours.
REPLY_SECONDS = 2.4
LEAST_SECONDS = 0.3  # for a last step that a slow one before it left no time for
DISCORD_EPOCH_MS = 1420070400000

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5

Snowflake = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Permissions = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]  # Discord's bits as a decimal number


class Part(BaseModel):
    """A piece of the payload; what we do not use is ignored."""

    model_config = ConfigDict(frozen=True)


class User(Part):
    """A Discord account."""

    id: Snowflake


class Membership(Part):
    """What somebody is in the server, with the permissions that Discord computed for the channel."""

    roles: list[Snowflake] = []
    permissions: Permissions = "0"

    @property
    def manages_server(self) -> bool:
        """Has the member ADMINISTRATOR or MANAGE_GUILD?"""
        return bool(int(self.permissions) & (ADMINISTRATOR | MANAGE_GUILD))


class Member(Membership):
    """The member who acts."""

    user: User


class NamedUser(Part):
    """An account that an option names."""

    bot: bool = False


class Resolved(Part):
    """Those whom options name, as Discord knows them; who has left the server is among the users alone."""

    users: dict[Snowflake, NamedUser] = {}
    members: dict[Snowflake, Membership] = {}


class Option(Part):
    """An option as sent: a value, or a subcommand (group) with options of its own."""

    name: str
    type: int
    value: str | int | float | bool | None = None
    options: list["Option"] = []
    focused: bool = False


class Data(Part):
    """What was invoked: a command with options, or a component with its custom_id."""

    name: str = ""
    options: list[Option] = []
    custom_id: str = ""
    resolved: Resolved = Resolved()


class Message(Part):
    """The message whose component was used."""

    id: Snowflake


class ChannelPart(Part):
    """The channel where somebody acts; what can be done there depends on its type."""

    type: int = 0


class Payload(Part):
    """One interaction as Discord sends it."""

    id: Snowflake
    type: int
    guild_id: Snowflake | None = None
    channel_id: Snowflake | None = None
    channel: ChannelPart | None = None
    app_permissions: Permissions = "0"  # the bot's, in the channel
    member: Member | None = None
    data: Data = Data()
    message: Message | None = None


@dataclass
class Interaction:
    """One verified interaction under way: who did what where, how much time is left, and what became of it."""

    payload: Payload
    deadline: float = field(init=False)  # monotonic
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
        return max(self.deadline - time.monotonic(), LEAST_SECONDS)

    def rpc(self, function: str, **arguments: Any) -> dict[str, Any]:
        """Ask the database on the caller's behalf, in the time that is left."""
        result: dict[str, Any] = database.rpc(function, timeout=self.seconds_left(), caller=self.caller, **arguments)
        self.outcome = result["outcome"]
        return result
