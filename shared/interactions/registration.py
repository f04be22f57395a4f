"""What Discord is told of the commands: the body of the bulk overwrite, from the declarations.

https://discord.com/developers/docs/interactions/application-commands
"""

from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic.fields import FieldInfo

from shared.discord.permissions import MANAGE_GUILD
from shared.interactions import registry
from shared.interactions.registry import (
    MESSAGE_MENU,
    SLASH,
    STRING,
    SUB_COMMAND,
    SUB_COMMAND_GROUP,
    Command,
    Level,
    kind_of,
    without_none,
)


def registration() -> list[dict[str, Any]]:
    """The commands as Discord registers them, then the menu entries."""
    tops = dict.fromkeys(path.split(" ")[0] for path in registry.REGISTRY.commands)
    return [_top_level(name) for name in tops] + [
        _registered(MESSAGE_MENU, name, is_for_admins=found.requires > Level.MEMBER)
        for name, found in registry.REGISTRY.menus.items()
    ]


def _top_level(name: str) -> dict[str, Any]:
    below = [c for path, c in registry.REGISTRY.commands.items() if path.split(" ")[0] == name]
    return _registered(SLASH, name, is_for_admins=all(c.requires > Level.MEMBER for c in below)) | _node(name)


def _registered(kind: int, name: str, *, is_for_admins: bool) -> dict[str, Any]:
    registered: dict[str, Any] = {"type": kind, "name": name, "contexts": [0], "integration_types": [0]}
    # Hide admins' commands from members' pickers until an owner shows them to more roles. This protects nothing: SQL
    # checks the level at every use.
    return registered | ({"default_member_permissions": str(MANAGE_GUILD)} if is_for_admins else {})


def _node(path: str) -> dict[str, Any]:
    if path in registry.REGISTRY.commands:
        found = registry.REGISTRY.commands[path]
        return {"description": found.description, "options": options(found)}
    depth = path.count(" ") + 1
    children = dict.fromkeys(
        " ".join(p.split(" ")[: depth + 1]) for p in registry.REGISTRY.commands if p.startswith(f"{path} ")
    )
    return {"description": registry.REGISTRY.groups[path], "options": [_child(child) for child in children]}


def options(command: Command) -> list[dict[str, Any]]:
    """The parameters of a command as Discord's application command options."""
    return [_option(command.option_name(name), *parameter) for name, parameter in command.parameters.items()]


def _child(path: str) -> dict[str, Any]:
    kind = SUB_COMMAND if path in registry.REGISTRY.commands else SUB_COMMAND_GROUP
    return {"type": kind, "name": path.rsplit(" ", maxsplit=1)[-1], **_node(path)}


# The bounds of an annotation as Discord calls them.
_NUMBER_BOUNDS = {Ge: ("ge", "min_value"), Le: ("le", "max_value")}
_STRING_BOUNDS = {MinLen: ("min_length", "min_length"), MaxLen: ("max_length", "max_length")}


def _option(name: str, annotation: Any, default: Any) -> dict[str, Any]:
    info = FieldInfo.from_annotation(without_none(annotation))
    kind = kind_of(annotation)
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
