"""The part of Discord's interaction payload that we use.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

import math
import time
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

from shared import database, discord
from shared.reply import MessagePayload

# Discord waits 3 s from the moment it made the id; what is left out covers its network and ours.
REPLY_SECONDS = 2.4
LEAST_SECONDS = 0.3  # for a last step that a slow one before it left no time for
STEP_SECONDS = 10  # for any step once the reply is deferred
SENDING_SECONDS = 2 * STEP_SECONDS  # kept to send it, and to say so where Discord does not take it
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


class NamedChannel(Part):
    """A channel that an option names, with what the bot may do there."""

    type: int = 0
    app_permissions: Permissions | None = None


class NamedMessage(Part):
    """The message whose menu was used."""

    type: int = 0


class Resolved(Part):
    """What options and menus name, as Discord knows it; who has left the server is among the users alone."""

    users: dict[Snowflake, NamedUser] = {}
    members: dict[Snowflake, Membership] = {}
    channels: dict[Snowflake, NamedChannel] = {}
    messages: dict[Snowflake, NamedMessage] = {}


class Option(Part):
    """An option as sent: a value, or a subcommand (group) with options of its own."""

    name: str
    type: int
    value: str | int | float | bool | None = None
    options: list["Option"] = []
    focused: bool = False


class Component(Part):
    """A field of a form that was sent, or what holds one."""

    custom_id: str = ""
    value: str | None = None
    component: "Component | None" = None


class Data(Part):
    """What was invoked: a command with options, a component or a form with its custom_id."""

    name: str = ""
    type: int = 1  # of the command
    options: list[Option] = []
    target_id: Snowflake | None = None  # the message whose menu was used
    custom_id: str = ""
    components: list[Component] = []
    resolved: Resolved = Resolved()

    @property
    def written(self) -> dict[str, str]:
        """What stands in the fields of a form, by their names."""
        fields = [label.component for label in self.components if label.component]
        return {field.custom_id: field.value.strip() for field in fields if field.value is not None}


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
    token: SecretStr = SecretStr("")  # whoever has it can reply in our name
    attachment_size_limit: int = 10 * 2**20  # bytes of a file
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
        discord.defer_reply(self.payload.id, self.payload.token, timeout=self.seconds_left())
        self.deferred_at = time.monotonic()
        self.deadline = self.stops_at - SENDING_SECONDS

    def send(self, message: MessagePayload, file: discord.File | None = None) -> None:
        """Give the reply that was deferred. Raises DiscordError."""
        assert self.deferred_at is not None  # noqa: S101
        discord.edit_reply(
            self.payload.id,
            self.payload.token,
            message,
            file=file,
            deferred_at=self.deferred_at,
            timeout=STEP_SECONDS,
        )
