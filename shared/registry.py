"""Commands and buttons: one declaration gives Discord's registration, the dispatch and the validation.

    @command("drop create", requires=Level.EVENT_MANAGER)
    def create(interaction: Interaction, event: Event, max_claims: MaxClaims | None = None) -> Reply:
        \"\"\"Post a drop: a message with a button that pays\"\"\"

The docstring's first line is the description, each parameter an option: its annotation is a pydantic type with a
`Field(description=...)`. The bounds in it, or the values of a Literal, are what Discord enforces in the client and we
enforce again.
"""

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo

from shared.interaction import MANAGE_GUILD, Interaction, Option
from shared.reply import Reply, choices

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER = 1, 2, 3, 4, 5, 6, 7, 8, 10
_OPTION_TYPES = {str: STRING, int: INTEGER, bool: BOOLEAN, float: NUMBER}
CUSTOM_ID_LIMIT = 100

Completer = Callable[[Interaction, str], list[tuple[str, str]]]


class Level(IntEnum):
    """Who may use a command; each level includes the ones below."""

    MEMBER = 0
    VIEWER = 1
    PERK_MANAGER = 2
    EVENT_MANAGER = 3
    FULL_ADMIN = 4


class UnknownHandlerError(Exception):
    """A command or a component that this release does not have."""


class InvalidOptionsError(Exception):
    """Options outside of what the command declares; `problems` are pairs of an option's name and what is wrong."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(f"invalid options: {', '.join(name for name, _ in problems)}")
        self.problems = problems


@dataclass(frozen=True)
class OptionKind:
    """Metadata of an annotation: how Discord asks for it, where that is more than the Python type says."""

    type: int = STRING
    name: str = ""  # where it is not the parameter's name with dashes
    channel_types: tuple[int, ...] = ()
    complete: Completer | None = None
    choice_name: Callable[[str], str] = str  # what members read for a value of a Literal


@dataclass
class Handler:
    """A function whose parameters after the interaction are given by Discord."""

    name: str
    function: Callable[..., Reply]
    requires: Level = Level.MEMBER

    @cached_property
    def parameters(self) -> dict[str, tuple[Any, Any]]:
        """The annotation and default of each parameter but the interaction."""
        hints = get_type_hints(self.function, include_extras=True)
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return {p.name: (hints[p.name], ... if p.default is inspect.Parameter.empty else p.default) for p in parameters}

    @cached_property
    def model(self) -> type[BaseModel]:
        """The parameters as a pydantic model. Built at first use: a cold start runs one handler, not all."""
        fields: dict[str, Any] = self.parameters
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    def call(self, interaction: Interaction, values: dict[str, Any]) -> Reply:
        """Validate the values and call the function. Raises InvalidOptionsError."""
        unstorable = [
            name
            for name, value in values.items()
            if not all(_is_storable(s) for s in (name, value) if isinstance(s, str))
        ]
        if unstorable:
            raise InvalidOptionsError([(name, "has a character that cannot be kept") for name in unstorable])
        try:
            arguments = self.model.model_validate({k: v for k, v in values.items() if v is not None})
        except ValidationError as error:
            raise InvalidOptionsError(
                [(str(problem["loc"][0]), problem["msg"]) for problem in error.errors()]
            ) from None
        return self.function(interaction, **{name: getattr(arguments, name) for name in self.parameters})


@dataclass
class Command(Handler):
    """A slash command, by its whole path: `config events create`."""

    @property
    def description(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").splitlines()[0].removesuffix(".")

    def option_name(self, parameter: str) -> str:
        """What a member reads for a parameter; what is no parameter is named as it was sent."""
        if parameter not in self.parameters:
            return parameter
        return _kind(self.parameters[parameter][0]).name or parameter.replace("_", "-")

    def options(self) -> list[dict[str, Any]]:
        """The parameters as Discord's application command options."""
        return [_option(self.option_name(name), *parameter) for name, parameter in self.parameters.items()]

    def completer(self, name: str) -> Completer | None:
        """Who answers while the member types the option."""
        annotation, _ = self.parameters[name]
        return _kind(annotation).complete


@dataclass
class Button(Handler):
    """A button; its custom_id is `name:argument:argument`, so that it needs no memory of ours."""

    def custom_id(self, *arguments: object) -> str:
        """The custom_id that calls this button with the arguments."""
        custom_id = ":".join([self.name, *map(str, arguments)])
        if len(custom_id) > CUSTOM_ID_LIMIT:
            raise ValueError(f"custom_id of {self.name} is over {CUSTOM_ID_LIMIT} characters")
        return custom_id


@dataclass
class Registry:
    """What has been declared."""

    commands: dict[str, Command] = field(default_factory=dict)
    buttons: dict[str, Button] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)


REGISTRY = Registry()


def command(path: str, requires: Level = Level.MEMBER) -> Callable[[Callable[..., Reply]], Command]:
    """Declare a slash command."""

    def declare(function: Callable[..., Reply]) -> Command:
        if path in REGISTRY.commands:
            raise ValueError(f"/{path} is declared twice")
        REGISTRY.commands[path] = Command(path, function, requires)
        return REGISTRY.commands[path]

    return declare


def button(name: str, requires: Level = Level.MEMBER) -> Callable[[Callable[..., Reply]], Button]:
    """Declare what happens when a button is pressed."""

    def declare(function: Callable[..., Reply]) -> Button:
        if name in REGISTRY.buttons:
            raise ValueError(f"the button {name} is declared twice")
        REGISTRY.buttons[name] = Button(name, function, requires)
        return REGISTRY.buttons[name]

    return declare


def group(path: str, description: str) -> None:
    """Describe a command that has subcommands, or a group of them."""
    REGISTRY.groups[path] = description


def run_command(interaction: Interaction) -> Reply:
    """Call the command that the member sent. Raises UnknownHandlerError, InvalidOptionsError."""
    found, options = _find_command(interaction)
    try:
        return found.call(interaction, {_parameter(option.name): option.value for option in options})
    except InvalidOptionsError as error:
        named = [(found.option_name(name), problem) for name, problem in error.problems]
        raise InvalidOptionsError(named) from None


def complete_option(interaction: Interaction) -> Reply:
    """Suggest values for the option that the member is typing. Raises UnknownHandlerError."""
    found, options = _find_command(interaction)
    focused = next((option for option in options if option.focused), None)
    if focused is None or _parameter(focused.name) not in found.parameters:
        return choices([])
    completer = found.completer(_parameter(focused.name))
    return choices(completer(interaction, str(focused.value or "")) if completer else [])


def typed_option(interaction: Interaction, name: str) -> str:
    """What stands in another option while the member types: unchecked, empty where there is nothing yet."""
    _, options = _invoked(interaction)
    return next((str(option.value) for option in options if option.name == name and option.value is not None), "")


def press_button(interaction: Interaction) -> Reply:
    """Call the button that the member pressed. Raises UnknownHandlerError also for arguments made by hand."""
    name, *arguments = interaction.payload.data.custom_id.split(":")
    found = REGISTRY.buttons.get(name)
    if found is None or len(arguments) != len(found.parameters):
        raise UnknownHandlerError(interaction.payload.data.custom_id)
    interaction.required_level = found.requires or None
    try:
        return found.call(interaction, dict(zip(found.parameters, arguments, strict=True)))
    except InvalidOptionsError as error:
        raise UnknownHandlerError(interaction.payload.data.custom_id) from error


def command_path(interaction: Interaction) -> str:
    """The whole path of a command: `config events create`."""
    return _invoked(interaction)[0]


def _invoked(interaction: Interaction) -> tuple[str, list[Option]]:
    """The path of a command and the options at its end; subcommands and groups stand on the way as options."""
    path, options = interaction.payload.data.name, interaction.payload.data.options
    while options and options[0].type in (SUB_COMMAND, SUB_COMMAND_GROUP):
        path, options = f"{path} {options[0].name}", options[0].options
    return path, options


def _find_command(interaction: Interaction) -> tuple[Command, list[Option]]:
    """The declared command with the options that were sent; it tells the interaction which level it requires."""
    path, options = _invoked(interaction)
    found = REGISTRY.commands.get(path)
    if found is None:
        raise UnknownHandlerError(path)
    interaction.required_level = found.requires or None  # a command that declares none is no admin's
    return found, options


def _is_storable(value: str) -> bool:
    """Postgres keeps no NUL and no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _parameter(option_name: str) -> str:
    return option_name.replace("-", "_")


def registration() -> list[dict[str, Any]]:
    """The commands as Discord registers them: the body of the bulk overwrite.

    https://discord.com/developers/docs/interactions/application-commands
    """
    tops = dict.fromkeys(path.split(" ")[0] for path in REGISTRY.commands)
    return [_top_level(name) for name in tops]


def _top_level(name: str) -> dict[str, Any]:
    below = [c for path, c in REGISTRY.commands.items() if path.split(" ")[0] == name]
    registered: dict[str, Any] = {"type": 1, "name": name, "contexts": [0], "integration_types": [0]}
    # Hides admins' commands from members' pickers until an owner shows them to more roles. Only a courtesy: what counts
    # is checked at every use.
    if all(c.requires > Level.MEMBER for c in below):
        registered["default_member_permissions"] = str(MANAGE_GUILD)
    return registered | _node(name)


def _node(path: str) -> dict[str, Any]:
    if path in REGISTRY.commands:
        found = REGISTRY.commands[path]
        return {"description": found.description, "options": found.options()}
    depth = path.count(" ") + 1
    children = dict.fromkeys(" ".join(p.split(" ")[: depth + 1]) for p in REGISTRY.commands if p.startswith(f"{path} "))
    return {"description": REGISTRY.groups[path], "options": [_child(child) for child in children]}


def _child(path: str) -> dict[str, Any]:
    kind = SUB_COMMAND if path in REGISTRY.commands else SUB_COMMAND_GROUP
    return {"type": kind, "name": path.rsplit(" ", maxsplit=1)[-1], **_node(path)}


# The bounds of an annotation as Discord calls them.
_NUMBER_BOUNDS = {Ge: ("ge", "min_value"), Le: ("le", "max_value")}
_STRING_BOUNDS = {MinLen: ("min_length", "min_length"), MaxLen: ("max_length", "max_length")}


def _option(name: str, annotation: Any, default: Any) -> dict[str, Any]:
    info = FieldInfo.from_annotation(_without_none(annotation))
    kind = _kind(annotation)
    option: dict[str, Any] = {
        "type": kind.type,
        "name": name,
        "description": info.description,
        "required": default is ...,
    }
    if kind.channel_types:
        option["channel_types"] = list(kind.channel_types)
    if kind.complete:
        option["autocomplete"] = True
    if get_origin(info.annotation) is Literal:
        option["choices"] = [{"name": kind.choice_name(value), "value": value} for value in get_args(info.annotation)]
    bounds = _STRING_BOUNDS if kind.type == STRING else _NUMBER_BOUNDS
    for bound in info.metadata:
        if type(bound) in bounds:
            attribute, keyword = bounds[type(bound)]
            option[keyword] = getattr(bound, attribute)
    return option


def _kind(annotation: Any) -> OptionKind:
    info = FieldInfo.from_annotation(_without_none(annotation))
    declared = next((m for m in info.metadata if isinstance(m, OptionKind)), None)
    if get_origin(info.annotation) is Literal:
        return declared or OptionKind()
    return declared or OptionKind(_OPTION_TYPES[cast(type, info.annotation)])


def _without_none(annotation: Any) -> Any:
    """`X | None` is how an optional option is written; what describes it is in X."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not types.NoneType)
    return annotation
