"""What the page asks for, checked before anything is done."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

Value = str | int | float | bool


def _snowflake(value: str) -> str:
    if not (value.isascii() and value.isdigit() and int(value) < 2**63):
        raise ValueError("is no id of Discord's")
    return value


Id = Annotated[str, AfterValidator(_snowflake)]


class Asked(BaseModel):
    """A body of the page's requests; what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Here(Asked):
    """Somebody does something in a channel."""

    member: Id = Field(alias="as")
    server: Id
    channel: Id


class UseCommand(Here):
    """Send a slash command."""

    do: Literal["command"]
    command: str
    options: dict[str, Value] = {}


class Complete(Here):
    """Type into an option of a slash command."""

    do: Literal["autocomplete"]
    command: str
    options: dict[str, Value] = {}
    focused: str


class UseMenu(Here):
    """Use an entry of a message's menu."""

    do: Literal["menu"]
    name: str
    message: Id


class Click(Here):
    """Press a button."""

    do: Literal["click"]
    message: Id
    custom_id: str


class Submit(Here):
    """Send the form that was opened last."""

    do: Literal["submit"]
    custom_id: str
    fields: dict[str, str | list[str]] = {}
    message: Id | None = None  # known from how the form was opened; the page may name it all the same


Act = UseCommand | Complete | UseMenu | Click | Submit
ACT: TypeAdapter[Act] = TypeAdapter(Annotated[Act, Field(discriminator="do")])


class Say(Asked):
    """Write a message."""

    member: Id = Field(alias="as")
    channel: Id
    content: str = Field(min_length=1, max_length=2000)


class React(Asked):
    """Add a reaction, or take it back."""

    member: Id = Field(alias="as")
    channel: Id
    message: Id
    emoji: str = Field(min_length=1, max_length=60)
    remove: bool = False


class Delete(Asked):
    """Delete a message by hand."""

    channel: Id
    message: Id


class Forward(Asked):
    """Move the clock."""

    forward: float = Field(gt=0, le=366 * 86_400, allow_inf_nan=False)


class Run(Asked):
    """Run a scheduled function now."""

    schedule: str


class Rush(Asked):
    """Let many members press a button at the same moment."""

    server: Id
    channel: Id
    message: Id
    custom_id: str
    members: int = Field(ge=2, le=500)


class Change(Asked):
    """Change a member."""

    roles: list[str] | None = None
    is_admin: bool | None = None
    locale: str | None = None


def sentence(error: Any) -> str:
    """What is wrong with a body, of pydantic's errors the first."""
    first = error.errors()[0]
    place = ".".join(str(key) for key in first["loc"])
    return f"{place or 'The body'}: {first['msg']}."
