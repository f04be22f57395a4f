"""The bodies of the page's requests."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

Value = str | int | float | bool


def _snowflake(value: str) -> str:
    if not (value.isascii() and value.isdigit() and int(value) < 2**63):
        raise ValueError("is no id of Discord's")
    return value


Id = Annotated[str, AfterValidator(_snowflake)]


class Body(BaseModel):
    """A body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Body):
    """Who acts, and in which channel."""

    member: Id = Field(alias="as")
    server: Id
    channel: Id


class UseCommand(Place):
    """Send a slash command."""

    do: Literal["command"]
    command: str
    options: dict[str, Value] = {}


class Complete(Place):
    """Type into an option of a slash command."""

    do: Literal["autocomplete"]
    command: str
    options: dict[str, Value] = {}
    focused: str


class UseMenu(Place):
    """Use an entry of a message's menu."""

    do: Literal["menu"]
    name: str
    message: Id


class Click(Place):
    """Press a button."""

    do: Literal["click"]
    message: Id
    custom_id: str


class Select(Place):
    """Choose in a select."""

    do: Literal["select"]
    message: Id
    custom_id: str
    values: list[str] = Field(max_length=25)


class Submit(Place):
    """Send the form that was opened last."""

    do: Literal["submit"]
    custom_id: str
    fields: dict[str, str | list[str]] = {}
    message: Id | None = None  # accepted, and taken from how the form was opened


Act = UseCommand | Complete | UseMenu | Click | Select | Submit
ACT: TypeAdapter[Act] = TypeAdapter(Annotated[Act, Field(discriminator="do")])


class Upload(Body):
    """Attach a file to an option of a command."""

    filename: str = Field(min_length=1, max_length=260)
    content_type: str = Field(max_length=100)
    content: Base64Bytes = Field(max_length=25 * 2**20)


class Say(Body):
    """Write a message."""

    member: Id = Field(alias="as")
    channel: Id
    content: str = Field(min_length=1, max_length=2000)


class React(Body):
    """Add or remove a reaction."""

    member: Id = Field(alias="as")
    channel: Id
    message: Id
    emoji: str = Field(min_length=1, max_length=60)
    remove: bool = False
    burst: bool = False  # a super reaction


class Voice(Body):
    """Sit down in the voice channel of a server, or leave it."""

    member: Id = Field(alias="as")
    server: Id
    leave: bool = False


class Delete(Body):
    """Delete a message by hand."""

    channel: Id
    message: Id


class Forward(Body):
    """Move the clock."""

    forward: float = Field(gt=0, le=366 * 86_400, allow_inf_nan=False)


class Run(Body):
    """Run a scheduled function now."""

    schedule: str


class StartRush(Body):
    """Let many new members press a button at the same moment."""

    server: Id
    channel: Id
    message: Id
    custom_id: str
    members: int = Field(ge=2, le=500)


class Change(Body):
    """Change a member."""

    roles: list[str] | None = None
    is_admin: bool | None = None
    locale: str | None = None


def sentence(error: Any) -> str:
    """The first error of a body, as a sentence."""
    first = error.errors()[0]
    place = ".".join(str(key) for key in first["loc"])
    return f"{place or 'The body'}: {first['msg']}."
