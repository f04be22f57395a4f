"""The part of Discord's interaction payload that we use. What Discord leaves out is None: unknown, not none or false.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object
"""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, SecretStr, StringConstraints

from shared.discord.permissions import ADMINISTRATOR, MANAGE_GUILD, THREADS

Snowflake = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
WRITTEN = (0, 19, 20, 23)  # types of messages: plain, a reply, by a command, by a menu; all others are Discord's own
Permissions = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]  # Discord's bits as a decimal number


class Part(BaseModel):
    """A part of the payload; ignores fields that we do not use."""

    model_config = ConfigDict(frozen=True)


class User(Part):
    """A Discord account."""

    id: Snowflake


class Membership(Part):
    """A member's roles in the server, and the permissions that Discord computed for the channel."""

    roles: list[Snowflake] | None = None
    permissions: Permissions | None = None
    pending: bool | None = None  # has not accepted the server's rules
    communication_disabled_until: AwareDatetime | None = None  # in time-out

    @property
    def manages_server(self) -> bool:
        """Has the member ADMINISTRATOR or MANAGE_GUILD? What is unknown gives no right."""
        return bool(int(self.permissions or 0) & (ADMINISTRATOR | MANAGE_GUILD))


class Member(Membership):
    """The member who acts."""

    user: User


class NamedUser(Part):
    """An account that an option names."""

    bot: bool = False


class Channel(Part):
    """A channel where somebody acts or that an option names, with what the member who acts and the bot may do there."""

    id: Snowflake | None = None
    type: int | None = None
    parent_id: Snowflake | None = None  # of a thread its channel, of a channel its category
    permissions: Permissions | None = None
    app_permissions: Permissions | None = None

    @property
    def is_thread(self) -> bool:
        """Is it a thread?"""
        return self.type in THREADS


class NamedMessage(Part):
    """The message whose context menu was used."""

    type: int = 0


class NamedRole(Part):
    """A role that an option names."""

    mentionable: bool = False  # by everybody


class Attachment(Part):
    """A file that somebody has given to an option; Discord serves it at the address for some hours."""

    url: str
    content_type: str = ""
    size: int = 0  # bytes


class Resolved(Part):
    """What options and menus name, by id. Somebody who has left the server is in `users` only."""

    users: dict[Snowflake, NamedUser] = {}
    members: dict[Snowflake, Membership] = {}
    channels: dict[Snowflake, Channel] = {}
    messages: dict[Snowflake, NamedMessage] = {}
    roles: dict[Snowflake, NamedRole] = {}
    attachments: dict[Snowflake, Attachment] = {}


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
    values: list[str] = []  # of a select
    component: "Component | None" = None

    @property
    def answer(self) -> str | None:
        """What was written, or the first entry that was chosen."""
        return self.values[0] if self.values else self.value


class Data(Part):
    """What was invoked: a command with options, a component or a form with its custom_id."""

    name: str = ""
    type: int = 1  # of the command
    options: list[Option] = []
    target_id: Snowflake | None = None  # the message whose context menu was used
    custom_id: str = ""
    values: list[str] = []  # chosen in a select menu
    components: list[Component] = []
    resolved: Resolved = Resolved()

    @property
    def written(self) -> dict[str, str]:
        """What was written into a form, by the names of its fields."""
        fields = [label.component for label in self.components if label.component]
        return {field.custom_id: field.answer.strip() for field in fields if field.answer is not None}


class EmbedField(Part):
    """A name and a value in an embed."""

    name: str = ""
    value: str = ""


class Picture(Part):
    """A picture in an embed."""

    url: str


class Embed(Part):
    """An embed of a message."""

    fields: list[EmbedField] = []
    image: Picture | None = None
    thumbnail: Picture | None = None


class Message(Part):
    """The message whose component was used, or whose button opened the form."""

    id: Snowflake
    embeds: list[Embed] = []


class Payload(Part):
    """One interaction as Discord sends it."""

    id: Snowflake
    type: int
    token: SecretStr = SecretStr("")  # whoever has it can reply as us
    attachment_size_limit: int = 10 * 2**20  # bytes
    guild_id: Snowflake | None = None
    channel_id: Snowflake | None = None
    channel: Channel | None = None
    app_permissions: Permissions | None = None  # the bot's, in the channel
    member: Member | None = None
    data: Data = Data()
    message: Message | None = None

    @property
    def here(self) -> Channel:
        """The channel where somebody acts."""
        told = self.channel or Channel()
        known = {
            "id": self.channel_id or told.id,
            "permissions": self.member.permissions if self.member else None,
            "app_permissions": self.app_permissions,
        }
        return told.model_copy(update=known)

    def named_channel(self, channel_id: str) -> Channel:
        """What is told of a channel that an option names."""
        told = self.data.resolved.channels.get(channel_id, Channel())
        return told.model_copy(update={"id": channel_id})
