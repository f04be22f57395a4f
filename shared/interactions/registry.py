"""Commands, components and forms: one declaration gives Discord's registration, the dispatch and the validation.

    @command("drop create", requires=Level.EVENT_MANAGER)
    def create(interaction: Interaction, event: Event, max_claims: MaxClaims | None = None) -> Reply:
        \"\"\"Post a drop: a message with a button that pays\"\"\"

The docstring's first line is the description, each parameter an option: its annotation is a pydantic type with a
`Field(description=...)`. The bounds in it, or the values of a Literal, are what Discord enforces in the client and we
enforce again. A form is declared the same way: its fields are the parameters.
"""

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from annotated_types import MaxLen
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo

from shared.discord.reply import Reply, modal, text_input
from shared.interactions.interaction import Interaction, Pays

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER = 1, 2, 3, 4, 5, 6, 7, 8, 10
_OPTION_TYPES = {str: STRING, int: INTEGER, bool: BOOLEAN, float: NUMBER}
CUSTOM_ID_LIMIT = 100
SLASH, MESSAGE_MENU = 1, 3  # command types
LONG_TEXT = 200  # characters; a field for more has several lines

Completer = Callable[[Interaction, str], list[tuple[str, str]]]


class Level(IntEnum):
    """Who may use a command; each level includes the ones below."""

    MEMBER = 0
    VIEWER = 1
    PERK_MANAGER = 2
    EVENT_MANAGER = 3
    FULL_ADMIN = 4

    @property
    def label(self) -> str:
        """What people read: full admin."""
        return self.name.replace("_", " ").lower()


class UnknownHandlerError(Exception):
    """A command, menu entry, button, select menu or form that this release does not declare."""


class InvalidOptionsError(Exception):
    """Options that the declaration does not allow; `problems` are pairs of an option's name and what is wrong."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(f"invalid options: {', '.join(name for name, _ in problems)}")
        self.problems = problems


@dataclass(frozen=True)
class OptionKind:
    """Metadata of an annotation: how Discord asks for the option, where the Python type does not say it."""

    type: int = STRING
    name: str = ""  # where it is not the parameter's name with dashes
    channel_types: tuple[int, ...] = ()
    complete: Completer | None = None
    choice_name: Callable[[str], str] = str  # what members read for a value of a Literal


@dataclass
class Handler:
    """A declared function; Discord gives its parameters after the interaction."""

    name: str
    function: Callable[..., Reply]
    requires: Level = Level.MEMBER
    pays: Pays = Pays.NOTHING

    @cached_property
    def parameters(self) -> dict[str, tuple[Any, Any]]:
        """The annotation and default of each parameter but the interaction."""
        hints = get_type_hints(self.function, include_extras=True)
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return {p.name: (hints[p.name], ... if p.default is inspect.Parameter.empty else p.default) for p in parameters}

    @cached_property
    def model(self) -> type[BaseModel]:
        """The parameters as a pydantic model, built at first use: a cold start runs one handler, not all."""
        fields: dict[str, Any] = self.parameters
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    @property
    def description(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").splitlines()[0].removesuffix(".")

    def custom_id(self, *arguments: object) -> str:
        """`name:argument:argument`: all that dispatch needs to call this handler with the arguments."""
        custom_id = ":".join([self.name, *("" if argument is None else str(argument) for argument in arguments)])
        if len(custom_id) > CUSTOM_ID_LIMIT:
            raise ValueError(f"custom_id of {self.name} is over {CUSTOM_ID_LIMIT} characters")
        return custom_id

    def call(self, interaction: Interaction, values: dict[str, Any]) -> Reply:
        """Validate the values and call the function. Raises InvalidOptionsError."""
        require_storable(values)
        try:
            arguments = self.model.model_validate({k: v for k, v in values.items() if v is not None})
        except ValidationError as error:
            raise InvalidOptionsError(
                [(str(problem["loc"][0]), problem["msg"]) for problem in error.errors()]
            ) from None
        return self.function(interaction, **{name: getattr(arguments, name) for name in self.parameters})


class Command(Handler):
    """A slash command, by its whole path: `config events create`."""

    def option_name(self, parameter: str) -> str:
        """The option's name for a parameter; a name that is no parameter stays as it was sent."""
        if parameter not in self.parameters:
            return parameter
        return kind_of(self.parameters[parameter][0]).name or parameter.replace("_", "-")

    def completer(self, name: str) -> Completer | None:
        """The function that suggests values while the member types the option."""
        annotation, _ = self.parameters[name]
        return kind_of(annotation).complete


class Button(Handler):
    """A button; all its parameters travel in its custom_id."""


class Select(Handler):
    """A select menu; its last parameter is the value that is chosen, the others travel in its custom_id."""


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
    """All declarations, by name; of groups the descriptions."""

    commands: dict[str, Command] = field(default_factory=dict)
    buttons: dict[str, Button] = field(default_factory=dict)
    selects: dict[str, Select] = field(default_factory=dict)
    menus: dict[str, MessageMenu] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)


REGISTRY = Registry()


def command(
    path: str, requires: Level = Level.MEMBER, pays: Pays = Pays.NOTHING
) -> Callable[[Callable[..., Reply]], Command]:
    """Declare a slash command."""
    return lambda function: _declare(REGISTRY.commands, Command(path, function, requires, pays))


def button(
    name: str, requires: Level = Level.MEMBER, pays: Pays = Pays.NOTHING
) -> Callable[[Callable[..., Reply]], Button]:
    """Declare what happens when a button is pressed."""
    return lambda function: _declare(REGISTRY.buttons, Button(name, function, requires, pays))


def select(name: str, requires: Level = Level.MEMBER) -> Callable[[Callable[..., Reply]], Select]:
    """Declare what happens when a value of a select menu is chosen."""
    return lambda function: _declare(REGISTRY.selects, Select(name, function, requires))


def message_menu(name: str, requires: Level = Level.MEMBER) -> Callable[[Callable[..., Reply]], MessageMenu]:
    """Declare an entry of every message's context menu."""
    return lambda function: _declare(REGISTRY.menus, MessageMenu(name, function, requires))


def form(
    name: str, title: str, requires: Level = Level.MEMBER, carries: tuple[str, ...] = ()
) -> Callable[[Callable[..., Reply]], Form]:
    """Declare a form, and what happens when it is sent."""
    return lambda function: _declare(REGISTRY.forms, Form(name, function, requires, title=title, carries=carries))


H = TypeVar("H", bound=Handler)


def _declare(declared: dict[str, H], handler: H) -> H:
    if handler.name in declared:
        raise ValueError(f"{handler.name} is declared twice")
    declared[handler.name] = handler
    return handler


def group(path: str, description: str) -> None:
    """Describe a command that has subcommands, or a group of them."""
    REGISTRY.groups[path] = description


def sort(modules: list[str]) -> None:
    """Bring the commands and menu entries into the order of the modules that declare them."""
    REGISTRY.commands = _sorted(REGISTRY.commands, modules)
    REGISTRY.menus = _sorted(REGISTRY.menus, modules)


def _sorted(declared: dict[str, H], modules: list[str]) -> dict[str, H]:
    return dict(sorted(declared.items(), key=lambda item: modules.index(item[1].function.__module__)))


def build_models() -> None:
    """Build the models of all handlers, so that no first use has to."""
    for declared in (REGISTRY.commands, REGISTRY.buttons, REGISTRY.selects, REGISTRY.menus, REGISTRY.forms):
        for handler in declared.values():
            _ = handler.model


def require_storable(values: Mapping[str, Any]) -> None:
    """Let no text pass that Postgres cannot store, neither a name nor a value. Raises InvalidOptionsError."""
    unstorable = [
        name for name, value in values.items() if not all(_is_storable(s) for s in (name, value) if isinstance(s, str))
    ]
    if unstorable:
        raise InvalidOptionsError([(name, "has a character that cannot be kept") for name in unstorable])


def _is_storable(value: str) -> bool:
    """Whether Postgres can store a text: no NUL, no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def kind_of(annotation: Any) -> OptionKind:
    """How Discord asks for a parameter."""
    info = FieldInfo.from_annotation(without_none(annotation))
    declared = next((m for m in info.metadata if isinstance(m, OptionKind)), None)
    if get_origin(info.annotation) is Literal:
        return declared or OptionKind()
    return declared or OptionKind(_OPTION_TYPES[cast(type, info.annotation)])


def without_none(annotation: Any) -> Any:
    """X of an optional option `X | None`; the metadata is in X."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not types.NoneType)
    return annotation
