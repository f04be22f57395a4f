"""The part of Discord's interaction payload that we use.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

from shared.discord.permissions import ADMINISTRATOR, MANAGE_GUILD

Snowflake = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
Permissions = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]  # Discord's bits as a decimal number


class Part(BaseModel):
    """A part of the payload; ignores fields that we do not use."""

    model_config = ConfigDict(frozen=True)


class User(Part):
    """A Discord account."""

    id: Snowflake


class Membership(Part):
    """A member's roles in the server, and the permissions that Discord computed for the channel."""

    roles: list[Snowflake] = []
    permissions: Permissions | None = None

    @property
    def manages_server(self) -> bool:
        """Has the member ADMINISTRATOR or MANAGE_GUILD? What is not told gives no right."""
        return bool(int(self.permissions or 0) & (ADMINISTRATOR | MANAGE_GUILD))


class Member(Membership):
    """The member who acts."""

    user: User


class NamedUser(Part):
    """An account that an option names."""

    bot: bool = False


class NamedChannel(Part):
    """A channel that an option names, with what the member who acts and the bot may do there."""

    type: int = 0
    permissions: Permissions | None = None
    app_permissions: Permissions | None = None


class NamedMessage(Part):
    """The message whose context menu was used."""

    type: int = 0


class Resolved(Part):
    """What options and menus name, by id. Somebody who has left the server is in `users` only."""

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
    """A field of a form, or the label around it."""

    custom_id: str = ""
    value: str | None = None
    component: "Component | None" = None


class Data(Part):
    """What was invoked: a command with options, a component or a form with its custom_id."""

    name: str = ""
    type: int = 1  # of the command
    options: list[Option] = []
    target_id: Snowflake | None = None  # the message whose context menu was used
    custom_id: str = ""
    components: list[Component] = []
    resolved: Resolved = Resolved()

    @property
    def written(self) -> dict[str, str]:
        """What was written into a form, by the names of its fields."""
        fields = [label.component for label in self.components if label.component]
        return {field.custom_id: field.value.strip() for field in fields if field.value is not None}


class Message(Part):
    """The message whose component was used."""

    id: Snowflake


class ChannelPart(Part):
    """The channel where somebody acts."""

    type: int = 0


class Payload(Part):
    """One interaction as Discord sends it."""

    id: Snowflake
    type: int
    token: SecretStr = SecretStr("")  # whoever has it can reply as us
    attachment_size_limit: int = 10 * 2**20  # bytes
    guild_id: Snowflake | None = None
    channel_id: Snowflake | None = None
    channel: ChannelPart | None = None
    app_permissions: Permissions = "0"  # the bot's, in the channel
    member: Member | None = None
    data: Data = Data()
    message: Message | None = None
