"""Commands, components and forms: one declaration gives Discord's registration, the dispatch and the validation.

    @command("drop create", requires=Level.EVENT_MANAGER)
    def create(interaction: Interaction, event: Event, max_claims: MaxClaims | None = None) -> Reply:
        \"\"\"Post a drop: a message with a button that pays\"\"\"

The docstring's first line is the description, each parameter an option: its annotation is a pydantic type with a
`Field(description=...)`. The bounds in it, or the values of a Literal, are what Discord enforces in the client and we
enforce again. A form is declared the same way: its fields are the parameters. What several handlers take is declared
once, as a dataclass: a parameter of that type stands for its fields.
"""

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from annotated_types import MaxLen
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo

from shared.discord.reply import MOST_OPTIONS, Choice, Reply, modal, select_input, text_input
from shared.format import code, cut, line
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.problems import UNSTORABLE, InvalidOptionsError, Problem, problem_of

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER = 1, 2, 3, 4, 5, 6, 7, 8, 10
ATTACHMENT = 11
_OPTION_TYPES = {str: STRING, int: INTEGER, bool: BOOLEAN, float: NUMBER}
CUSTOM_ID_LIMIT = 100
SLASH, MESSAGE_MENU = 1, 3  # command types
LONG_TEXT = 200  # characters; a field for more has several lines
NAME_LIMIT = 100  # characters; who makes an interaction by hand may name an option anything

NOT_CHOSEN = {  # by the type of an option that Discord lets people choose
    USER: "Choose a member from the list.",
    CHANNEL: "Choose a channel from the list.",
    ROLE: "Choose a role from the list.",
    ATTACHMENT: "Attach a file as {name}.",
}

Completer = Callable[[Interaction, str], list[tuple[str, str]]]
Offer = Callable[[Interaction, str], list[Choice]]  # what a form's select offers, given the value that is filled in


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


@dataclass(frozen=True)
class OptionKind:
    """Metadata of an annotation: how Discord asks for the option, where the Python type does not say it."""

    type: int = STRING
    name: str = ""  # where it is not the parameter's name with dashes
    channel_types: tuple[int, ...] = ()
    complete: Completer | None = None
    choice_name: Callable[[str], str] = str  # what members read for a value of a Literal
    not_chosen: str = ""  # the sentence for a wrong value, where it should have been chosen
    # In a form:
    offer: Offer | None = None  # a select, as long as it has enough entries and not too many, else a text
    offer_description: str = ""  # above the select
    withheld: str = ""  # a secret: no reply holds what is written here, nor what matches this pattern


@dataclass
class Handler:
    """A declared function; Discord gives its parameters after the interaction."""

    name: str
    function: Callable[..., Reply]
    requires: Level = Level.MEMBER
    pays: Pays = Pays.NOTHING

    @cached_property
    def parameters(self) -> dict[str, tuple[Any, Any]]:
        """The annotation and default of each parameter but the interaction; of a dataclass those of its fields."""
        parameters: dict[str, tuple[Any, Any]] = {}
        for name, declared in self._declared.items():
            parameters |= _parameters(self._groups[name]) if name in self._groups else {name: declared}
        return parameters

    @cached_property
    def _declared(self) -> dict[str, tuple[Any, Any]]:
        _interaction, *declared = _parameters(self.function).items()
        return dict(declared)

    @cached_property
    def _groups(self) -> dict[str, type]:
        """The parameters that are dataclasses."""
        annotations = {name: annotation for name, (annotation, _) in self._declared.items()}
        return {name: each for name, each in annotations.items() if isinstance(each, type) and is_dataclass(each)}

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

    def call(self, interaction: Interaction, values: Mapping[str, Any]) -> Reply:
        """Validate the values and call the function. Raises InvalidOptionsError, with the names that people read."""
        try:
            return self.function(interaction, **self._grouped(self.arguments(values)))
        except InvalidOptionsError as error:
            raise error.named(self.shown) from None

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the function takes them. Raises InvalidOptionsError with all problems at once."""
        problems = unstorable(values)
        unusable = {problem.name for problem in problems}
        try:
            given = {name: value for name, value in values.items() if value is not None and name not in unusable}
            valid = self.model.model_validate(given)
        except ValidationError as error:
            found = [problem_of(each, *self._chosen_from(str(each["loc"][0]))) for each in error.errors()]
            problems += [problem for problem in found if problem.name not in unusable]
        if problems:
            raise InvalidOptionsError(problems)
        return {name: getattr(valid, name) for name in self.parameters}

    def _grouped(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments with dataclasses in place of their fields."""
        for name, group in self._groups.items():
            arguments[name] = group(**{option: arguments.pop(option) for option in _parameters(group)})
        return arguments

    def shown(self, parameter: str) -> str:
        """What people read for a parameter in a sentence."""
        return code(cut(parameter, NAME_LIMIT))

    def _chosen_from(self, parameter: str) -> tuple[str, list[str]]:
        """The sentence for a wrong value of a parameter that people choose, and the choices that a Literal gives."""
        if parameter not in self.parameters:
            return "", []
        annotation, _ = self.parameters[parameter]
        kind = kind_of(annotation)
        return kind.not_chosen or NOT_CHOSEN.get(kind.type, ""), [kind.choice_name(v) for v in literals(annotation)]


class Command(Handler):
    """A slash command, by its whole path: `config events create`."""

    def option_name(self, parameter: str) -> str:
        """The option's name for a parameter; a name that is no parameter stays as it was sent."""
        if parameter not in self.parameters:
            return parameter
        return kind_of(self.parameters[parameter][0]).name or parameter.replace("_", "-")

    def shown(self, parameter: str) -> str:
        """The option's name, as it stands before its value in Discord."""
        return super().shown(self.option_name(parameter))

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

    def open(self, interaction: Interaction, *carried: object, **filled_in: str) -> Reply:
        """Show the form, with some of its fields filled in. Raises RefusedError where a list is refused."""
        fields = [self._field(interaction, parameter, filled_in.get(parameter, "")) for parameter in self.asked]
        interaction.conclude("form_opened")
        return modal(self.custom_id(*carried), self.title, fields)

    def takes(self, carried: Mapping[str, str]) -> bool:
        """Whether these can be values that the form carries; a custom_id may be made by hand."""
        try:
            self.arguments(carried)
        except InvalidOptionsError as error:
            return not any(problem.name in self.carries for problem in error.problems)
        return True

    @property
    def asked(self) -> list[str]:
        """The parameters that are fields."""
        return [parameter for parameter in self.parameters if parameter not in self.carries]

    def kind(self, parameter: str) -> OptionKind:
        """How a parameter is asked for."""
        return kind_of(self.parameters[parameter][0])

    def label(self, parameter: str) -> str:
        """What a member reads above the field of a parameter."""
        return parameter.replace("_", " ").capitalize()

    def shown(self, parameter: str) -> str:
        """The same in a sentence."""
        return f"**{line(self.label(parameter), NAME_LIMIT)}**"

    def longest(self, parameter: str) -> int | None:
        """How many characters a field takes; None if nothing says it."""
        bounds = FieldInfo.from_annotation(without_none(self.parameters[parameter][0])).metadata
        return next((bound.max_length for bound in bounds if isinstance(bound, MaxLen)), None)

    def _field(self, interaction: Interaction, parameter: str, value: str) -> dict[str, Any]:
        annotation, default = self.parameters[parameter]
        kind, label, is_required = self.kind(parameter), self.label(parameter), default is ...
        choices = kind.offer(interaction, value) if kind.offer else []
        if 1 <= len(choices) <= MOST_OPTIONS:
            description = kind.offer_description
            return select_input(
                label, parameter, choices, description=description, value=value, is_required=is_required
            )
        longest = self.longest(parameter)
        return text_input(
            label,
            parameter,
            description=FieldInfo.from_annotation(without_none(annotation)).description or "",
            value=value[:longest],
            is_required=is_required,
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


def _parameters(declared: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """The annotation and default of each parameter of a function, or field of a dataclass; ... for no default."""
    hints = get_type_hints(declared, include_extras=True)
    parameters = inspect.signature(declared).parameters.values()
    defaults = {p.name: ... if p.default is inspect.Parameter.empty else p.default for p in parameters}
    return {name: (hints.get(name), default) for name, default in defaults.items()}


def unstorable(values: Mapping[str, Any]) -> list[Problem]:
    """The problems of texts that Postgres cannot store, in a name or a value."""
    return [
        Problem(name, UNSTORABLE)
        for name, value in values.items()
        if not all(_is_storable(text) for text in (name, value) if isinstance(text, str))
    ]


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
    return declared or OptionKind(_OPTION_TYPES.get(cast(type, info.annotation), STRING))


def literals(annotation: Any) -> tuple[Any, ...]:
    """The values of a Literal; none for any other annotation."""
    inner = FieldInfo.from_annotation(without_none(annotation)).annotation
    return get_args(inner) if get_origin(inner) is Literal else ()


def without_none(annotation: Any) -> Any:
    """X of an optional option `X | None`; the metadata is in X."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not types.NoneType)
    return annotation
