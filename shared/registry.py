"""Commands, buttons and forms: one declaration gives Discord's registration, the dispatch and the validation.

    @command("drop create", requires=Level.EVENT_MANAGER)
    def create(interaction: Interaction, event: Event, max_claims: MaxClaims | None = None) -> Reply:
        \"\"\"Post a drop: a message with a button that pays\"\"\"

The docstring's first line is the description, each parameter an option: its annotation is a pydantic type with a
`Field(description=...)`. The bounds in it, or the values of a Literal, are what Discord enforces in the client and we
enforce again. A form is declared the same way: its fields are the parameters.
"""

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from annotated_types import MaxLen
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo

from shared.interaction import Interaction, Option
from shared.reply import Reply, choices, modal, text_input

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER = 1, 2, 3, 4, 5, 6, 7, 8, 10
_OPTION_TYPES = {str: STRING, int: INTEGER, bool: BOOLEAN, float: NUMBER}
CUSTOM_ID_LIMIT = 100
SLASH, MESSAGE_MENU = 1, 3  # command types
LONG_TEXT = 200  # characters from which on a field has several lines

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

    @property
    def description(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").splitlines()[0].removesuffix(".")

    def custom_id(self, *arguments: object) -> str:
        """`name:argument:argument`, which calls this handler with the arguments; it needs no memory of ours."""
        custom_id = ":".join([self.name, *("" if argument is None else str(argument) for argument in arguments)])
        if len(custom_id) > CUSTOM_ID_LIMIT:
            raise ValueError(f"custom_id of {self.name} is over {CUSTOM_ID_LIMIT} characters")
        return custom_id

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

    def option_name(self, parameter: str) -> str:
        """What a member reads for a parameter; what is no parameter is named as it was sent."""
        if parameter not in self.parameters:
            return parameter
        return kind_of(self.parameters[parameter][0]).name or parameter.replace("_", "-")

    def completer(self, name: str) -> Completer | None:
        """Who answers while the member types the option."""
        annotation, _ = self.parameters[name]
        return kind_of(annotation).complete


@dataclass
class Button(Handler):
    """A button; all its parameters travel in its custom_id."""


@dataclass
class MessageMenu(Handler):
    """An entry of a message's context menu; its one parameter is the id of the message."""


@dataclass
class Form(Handler):
    """A modal; the parameters named in `carries` travel in its custom_id, the others are its fields."""

    title: str = ""
    carries: tuple[str, ...] = ()

    def open(self, *carried: object, **filled_in: str) -> Reply:
        """Show the form, with some of its fields filled in."""
        asked = [parameter for parameter in self.parameters if parameter not in self.carries]
        fields = [self._field(parameter, filled_in.get(parameter, "")) for parameter in asked]
        return modal(self.custom_id(*carried), self.title, fields)

    def label(self, parameter: str) -> str:
        """What a member reads for a parameter."""
        return parameter.replace("_", " ").capitalize()

    def _field(self, parameter: str, value: str) -> dict[str, Any]:
        annotation, default = self.parameters[parameter]
        info = FieldInfo.from_annotation(without_none(annotation))
        limits = {type(bound): bound for bound in info.metadata}
        longest = limits[MaxLen].max_length if MaxLen in limits else None
        return text_input(
            self.label(parameter),
            parameter,
            description=info.description or "",
            value=value,
            is_required=default is ...,
            max_length=longest,
            is_long=(longest or 0) > LONG_TEXT,
        )


@dataclass
class Registry:
    """What has been declared."""

    commands: dict[str, Command] = field(default_factory=dict)
    buttons: dict[str, Button] = field(default_factory=dict)
    menus: dict[str, MessageMenu] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)


REGISTRY = Registry()


def command(path: str, requires: Level = Level.MEMBER) -> Callable[[Callable[..., Reply]], Command]:
    """Declare a slash command."""
    return lambda function: _declare(REGISTRY.commands, Command(path, function, requires))


def button(name: str, requires: Level = Level.MEMBER) -> Callable[[Callable[..., Reply]], Button]:
    """Declare what happens when a button is pressed."""
    return lambda function: _declare(REGISTRY.buttons, Button(name, function, requires))


def message_menu(name: str, requires: Level = Level.MEMBER) -> Callable[[Callable[..., Reply]], MessageMenu]:
    """Declare an entry of every message's context menu."""
    return lambda function: _declare(REGISTRY.menus, MessageMenu(name, function, requires))


def form(
    name: str, title: str, requires: Level = Level.MEMBER, carries: tuple[str, ...] = ()
) -> Callable[[Callable[..., Reply]], Form]:
    """Declare a form, and what happens when it is sent."""
    return lambda function: _declare(REGISTRY.forms, Form(name, function, requires, title, carries))


H = TypeVar("H", bound=Handler)


def _declare(declared: dict[str, H], handler: H) -> H:
    if handler.name in declared:
        raise ValueError(f"{handler.name} is declared twice")
    declared[handler.name] = handler
    return handler


def group(path: str, description: str) -> None:
    """Describe a command that has subcommands, or a group of them."""
    REGISTRY.groups[path] = description


def build_models() -> None:
    """Build the model of every handler, which the first use of it need then not do."""
    for declared in (REGISTRY.commands, REGISTRY.buttons, REGISTRY.menus, REGISTRY.forms):
        for handler in declared.values():
            _ = handler.model


def run_command(interaction: Interaction) -> Reply:
    """Call the command or menu entry that the member used. Raises UnknownHandlerError, InvalidOptionsError."""
    if interaction.payload.data.type == MESSAGE_MENU:
        return _use_menu(interaction)
    found, options = _find_command(interaction)
    try:
        return found.call(interaction, {_parameter(option.name): option.value for option in options})
    except InvalidOptionsError as error:
        named = [(found.option_name(name), problem) for name, problem in error.problems]
        raise InvalidOptionsError(named) from None


def _use_menu(interaction: Interaction) -> Reply:
    data = interaction.payload.data
    found = REGISTRY.menus.get(data.name)
    if found is None:
        raise UnknownHandlerError(data.name)
    _require(interaction, found)
    (message,) = found.parameters
    return found.call(interaction, {message: data.target_id})


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
    _require(interaction, found)
    try:
        return found.call(interaction, dict(zip(found.parameters, arguments, strict=True)))
    except InvalidOptionsError as error:
        raise UnknownHandlerError(interaction.payload.data.custom_id) from error


def send_form(interaction: Interaction) -> Reply:
    """Call the form that the member filled in. Raises UnknownHandlerError, InvalidOptionsError."""
    name, *carried = interaction.payload.data.custom_id.split(":")
    found = REGISTRY.forms.get(name)
    if found is None or len(carried) != len(found.carries):
        raise UnknownHandlerError(interaction.payload.data.custom_id)
    _require(interaction, found)
    values = dict(zip(found.carries, carried, strict=True)) | interaction.payload.data.written
    try:
        return found.call(interaction, {name: value for name, value in values.items() if value})  # empty is left out
    except InvalidOptionsError as error:
        if any(name in found.carries for name, _ in error.problems):
            raise UnknownHandlerError(interaction.payload.data.custom_id) from error
        raise InvalidOptionsError([(found.label(name), problem) for name, problem in error.problems]) from None


def _require(interaction: Interaction, found: Handler) -> None:
    """Tell the interaction which level it needs; a handler that declares none is no admin's."""
    interaction.required_level = found.requires or None


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
    _require(interaction, found)
    return found, options


def _is_storable(value: str) -> bool:
    """Postgres keeps no NUL and no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _parameter(option_name: str) -> str:
    return option_name.replace("-", "_")


def kind_of(annotation: Any) -> OptionKind:
    """How Discord asks for a parameter."""
    info = FieldInfo.from_annotation(without_none(annotation))
    declared = next((m for m in info.metadata if isinstance(m, OptionKind)), None)
    if get_origin(info.annotation) is Literal:
        return declared or OptionKind()
    return declared or OptionKind(_OPTION_TYPES[cast(type, info.annotation)])


def without_none(annotation: Any) -> Any:
    """`X | None` is how an optional option is written; what describes it is in X."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not types.NoneType)
    return annotation
