"""What Discord refuses in a payload although its OpenAPI description allows it.

Check the description first: these rules rely on the shape that it asks for.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from infra.fake_discord.callback_type import CallbackType
from infra.fake_discord.contract import Json, Problem, Where
from infra.fake_discord.resources.components import walk
from infra.fake_discord.rest.commands import COMMANDS, GUILD_COMMANDS
from infra.fake_discord.rest.interactions import CALLBACK, ORIGINAL
from infra.fake_discord.rest.routes import MESSAGE, MESSAGES

COMPONENTS_V2 = 1 << 15

Rule = Callable[[Any], Iterator[Problem]]


def reply_problems(reply: Json) -> Iterator[Problem]:
    """What Discord refuses in a reply to an interaction."""
    data, kind = reply.get("data"), reply["type"]
    if kind == CallbackType.MESSAGE and data is None:
        yield Problem(("data",), "This field is required", "BASE_TYPE_REQUIRED")
        return
    for problem in _REPLY_RULES.get(kind, _no_problems)(data or {}):
        yield Problem(("data", *problem.where), problem.message, problem.code)


def request_problems(method: str, template: str, body: Any) -> Iterator[Problem]:
    """What Discord refuses in the body of a REST call."""
    return _REQUEST_RULES.get((method, template), _no_problems)(body)


def _no_problems(_: Any) -> Iterator[Problem]:
    yield from ()


def _new_message_problems(message: Json) -> Iterator[Problem]:
    if not any(message.get(part) for part in ("content", "embeds", "components", "attachments", "poll")):
        yield Problem((), "Cannot send an empty message", "EMPTY_MESSAGE")
    yield from _message_problems(message)
    rows = message.get("components") or []
    if not (message.get("flags") or 0) & COMPONENTS_V2 and any(row["type"] != 1 for row in rows):
        yield Problem(("components",), "needs the flag IS_COMPONENTS_V2", "UNION_TYPE_CHOICES")


def _message_problems(message: Json) -> Iterator[Problem]:
    if len(message.get("content") or "") > 2000:
        yield Problem(("content",), "Must be 2000 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    yield from _embed_problems(message.get("embeds") or [])
    yield from _component_problems(message.get("components") or [])


def _embed_problems(embeds: list[Json]) -> Iterator[Problem]:
    for index, embed in enumerate(embeds):
        if not any(embed.get(part) for part in _VISIBLE):
            yield Problem(("embeds", index), "shows nothing", "BASE_TYPE_REQUIRED")
        for number, field in enumerate(embed.get("fields") or []):
            for part in ("name", "value"):
                if not field[part].strip():
                    where = ("embeds", index, "fields", number, part)
                    yield Problem(where, "This field is required", "BASE_TYPE_REQUIRED")
    if sum(map(_embed_length, embeds)) > 6000:
        yield Problem(("embeds",), "Embed size exceeds maximum size of 6000", "MAX_EMBED_SIZE_EXCEEDED")


_VISIBLE = ("title", "description", "fields", "footer", "author", "image", "thumbnail", "url")


def _embed_length(embed: Json) -> int:
    fields = embed.get("fields") or []
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [(embed.get("author") or {}).get("name")]
    texts += [text for field in fields for text in (field["name"], field["value"])]
    return sum(len(text or "") for text in texts)


def _component_problems(components: list[Json]) -> Iterator[Problem]:
    if len(components) > 5 and all(component["type"] == 1 for component in components):
        yield Problem(("components",), "Must be 5 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    yield from _custom_id_problems(components)
    for where, component in walk(components):
        if component["type"] == 2:
            yield from _button_problems(where, component)
        inside = component.get("components") or []
        if component["type"] == 1 and len(inside) > 1 and any(child["type"] != 2 for child in inside):
            yield Problem((*where, "components"), "a select needs a row of its own", "UNION_TYPE_CHOICES")


def _custom_id_problems(components: list[Json]) -> Iterator[Problem]:
    seen: set[str] = set()
    for where, component in walk(components):
        custom_id = component.get("custom_id")
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            yield Problem((*where, "custom_id"), message, "COMPONENT_CUSTOM_ID_DUPLICATED")
        if custom_id:
            seen.add(custom_id)


def _button_problems(where: Where, button: Json) -> Iterator[Problem]:
    needs = {5: "url", 6: "sku_id"}.get(button["style"], "custom_id")
    for part in ("custom_id", "url", "sku_id"):
        if part == needs and not button.get(part):
            yield Problem((*where, part), "This field is required", "BASE_TYPE_REQUIRED")
        if part != needs and button.get(part):
            yield Problem((*where, part), f"a button of style {button['style']} has none")
    if button["style"] != 6 and not (button.get("label") or button.get("emoji")):
        yield Problem(where, "A button must have a label or an emoji", "BUTTON_COMPONENT_INVALID")


def _modal_problems(modal: Json) -> Iterator[Problem]:
    if len(modal["components"]) > 5:
        yield Problem(("components",), "Must be 5 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    yield from _custom_id_problems(modal["components"])


def _choices(part: Json) -> list[Json]:
    return [choice for choice in part.get("choices") or [] if choice]


def _choice_problems(data: Json) -> Iterator[Problem]:
    for index, choice in enumerate(_choices(data)):
        if isinstance(choice["value"], str) and not 1 <= len(choice["value"]) <= 100:
            where = ("choices", index, "value")
            yield Problem(where, "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")


# Application commands: https://docs.discord.com/developers/interactions/application-commands

_KINDS = {1: (100, "slash"), 2: (15, "user"), 3: (15, "message"), 4: (1, "entry point")}
_SLASH_NAME = re.compile(r"[-_'\w]{1,32}")


def _commands_problems(commands: list[Json]) -> Iterator[Problem]:
    names = Counter((command.get("type") or 1, command["name"]) for command in commands)
    for kind, count in Counter(command.get("type") or 1 for command in commands).items():
        most, word = _KINDS[kind]
        if count > most:
            yield Problem((), f"more than {most} {word} commands", "BASE_TYPE_MAX_LENGTH")
    for index, command in enumerate(commands):
        if names[command.get("type") or 1, command["name"]] > 1:
            message = "Application command names must be unique"
            yield Problem((index, "name"), message, "APPLICATION_COMMANDS_DUPLICATE_NAME")
        for problem in _command_problems(command):
            yield Problem((index, *problem.where), problem.message, problem.code)


def _command_problems(command: Json) -> Iterator[Problem]:
    if (command.get("type") or 1) in (2, 3):
        yield from _menu_problems(command)
        return
    yield from _name_problems((), command)
    if not command.get("description"):
        yield Problem(("description",), "This field is required", "BASE_TYPE_REQUIRED")
    yield from _option_problems(("options",), command.get("options") or [])
    if _command_length(command) > 8000:
        yield Problem((), "Command exceeds maximum size (8000)", "APPLICATION_COMMAND_TOO_LARGE")


def _menu_problems(command: Json) -> Iterator[Problem]:
    for part in ("description", "options"):
        if command.get(part):
            yield Problem((part,), f"Context menu commands cannot have {part}", "BASE_TYPE_INVALID")


def _name_problems(where: Where, named: Json) -> Iterator[Problem]:
    name = named["name"]
    if not _SLASH_NAME.fullmatch(name) or name != name.lower():
        yield Problem((*where, "name"), "must be lower-case letters, digits, - or _", "STRING_TYPE_REGEX")


def _option_problems(where: Where, options: list[Json]) -> Iterator[Problem]:
    names = Counter(option["name"] for option in options)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        message = "Required options must be placed before non-required options"
        yield Problem(where, message, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
    if len({option["type"] in (1, 2) for option in options}) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        yield Problem(where, message, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")
    for index, option in enumerate(options):
        here = (*where, index)
        if names[option["name"]] > 1:
            message = "Option names must be unique"
            yield Problem((*here, "name"), message, "APPLICATION_COMMAND_OPTIONS_NAME_EXISTS")
        yield from _name_problems(here, option)
        yield from _option_choice_problems(here, option)
        yield from _option_problems((*here, "options"), option.get("options") or [])


def _option_choice_problems(where: Where, option: Json) -> Iterator[Problem]:
    choices = _choices(option)
    if choices and option.get("autocomplete"):
        yield Problem((*where, "autocomplete"), "cannot be set beside choices", "BASE_TYPE_INVALID")
    if len({choice["name"] for choice in choices}) < len(choices):
        yield Problem((*where, "choices"), "Choice names must be unique", "BASE_TYPE_INVALID")
    for problem in _choice_problems({"choices": choices}):
        yield Problem((*where, *problem.where), problem.message, problem.code)


def _command_length(part: Json) -> int:
    """How many characters count towards the 8000: of each text its longest translation."""
    own = sum(_longest(part, text) for text in ("name", "description"))
    choices = sum(_longest(choice, "name") + len(str(choice["value"])) for choice in _choices(part))
    return own + choices + sum(map(_command_length, part.get("options") or []))


def _longest(part: Json, text: str) -> int:
    translations = (part.get(f"{text}_localizations") or {}).values()
    return max(len(part.get(text) or ""), *map(len, translations), 0)


_REPLY_RULES: dict[int, Rule] = {
    CallbackType.MESSAGE: _new_message_problems,
    CallbackType.UPDATE: _message_problems,
    CallbackType.CHOICES: _choice_problems,
    CallbackType.MODAL: _modal_problems,
}
_REQUEST_RULES: dict[tuple[str, str], Rule] = {
    ("POST", CALLBACK): reply_problems,
    ("PATCH", ORIGINAL): _message_problems,
    ("POST", MESSAGES): _new_message_problems,
    ("PATCH", MESSAGE): _message_problems,
    ("PUT", COMMANDS): _commands_problems,
    ("PUT", GUILD_COMMANDS): _commands_problems,
}
