"""The contract check: does a payload hold against Discord's own OpenAPI description, and against its limits?

The description lies beside the checkout. Where it is absent `available()` is False and every check passes,
so a caller that relies on a check has to ask first. A check that fails raises `ContractError`, whose problems
name the place in the JSON, as Discord's own errors do.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jsonschema_rs

DESCRIPTION = Path(__file__).resolve().parents[2].parent / "shared" / "discord-openapi.json"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
COMPONENTS_V2 = 1 << 15
JSON_BODY = ("content", "application/json", "schema")

Json = dict[str, Any]
Key = str | int
Where = tuple[Key, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that Discord would refuse: where in the JSON, and why."""

    where: Where
    message: str
    code: str = "BASE_TYPE_INVALID"

    def __str__(self) -> str:
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.where)
        return f"{place.lstrip('.') or '(body)'}: {self.message}"


class ContractError(Exception):
    """A payload breaks Discord's contract; `problems` lists how."""

    def __init__(self, subject: str, problems: list[Problem]) -> None:
        super().__init__("\n  ".join([f"{subject} breaks Discord's contract:", *map(str, problems)]))
        self.problems = problems


def available() -> bool:
    """Tell whether Discord's description is there to check against."""
    return DESCRIPTION.is_file()


def check_reply(payload: Any) -> None:
    """Check a reply to an interaction (the JSON of the 200 answer)."""
    if available():
        schema = _pointer("paths", CALLBACK, "post", "requestBody", *JSON_BODY)
        _raise_for("reply", _schema_problems(schema, payload), _reply_limits, payload)


def check_request(method: str, path: str, body: Any) -> None:
    """Check the JSON body (None: no body) of a REST call; the path is the one below /api/v10."""
    if available():
        template = _template(method, path)
        _raise_for(
            f"{method} {template}",
            _request_problems(method, template, body),
            _LIMITS.get((method, template), _no_limits),
            body,
        )


def check_response(method: str, path: str, status: int, body: Any) -> None:
    """Check the JSON body (None: no body) of an answer to a REST call."""
    if available():
        template = _template(method, path)
        problems = _response_problems(method, template, status, body)
        _raise_for(f"answer {status} to {method} {template}", problems, _no_limits, body)


def check_schema(name: str, value: Any) -> None:
    """Check a value against one named schema of the description."""
    if available():
        problems = _schema_problems(_pointer("components", "schemas", name), value)
        _raise_for(name, problems, _no_limits, value)


Limits = Callable[[Any], Iterator[Problem]]


def _raise_for(subject: str, problems: list[Problem], limits: Limits, value: Any) -> None:
    # The limits read the payload without looking twice, so they are asked only when its shape is right.
    problems = problems or list(limits(value))
    if problems:
        raise ContractError(subject, problems)


# The description -------------------------------------------------------------------------------------------


@cache
def _description() -> Json:
    description: Json = json.loads(DESCRIPTION.read_bytes())
    _allow_permission_strings(description["components"]["schemas"].values())
    return description


def _allow_permission_strings(schemas: Iterable[Json]) -> None:
    # The description asks for an integer; the documentation for a string of digits, and Discord takes both.
    # https://docs.discord.com/developers/interactions/application-commands#application-command-object
    for schema in schemas:
        permissions = schema.get("properties", {}).get("default_member_permissions", {})
        if "integer" in permissions.get("type", ()):
            permissions |= {"type": ["string", *permissions["type"]], "pattern": "^[0-9]+$"}


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:discord", _description())])


@cache
def _validator(pointer: str) -> jsonschema_rs.Draft202012Validator:
    # Masked: a message must not repeat what the payload holds, it may be a token.
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"urn:discord#{pointer}"}, registry=_registry(), validate_formats=True, mask="the value"
    )


def _pointer(*keys: str) -> str:
    return quote("".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys))


@lru_cache(maxsize=1024)
def _template(method: str, path: str) -> str:
    path = urlsplit(path).path
    for template, pattern in _templates():
        if pattern.fullmatch(path) and method.lower() in _description()["paths"][template]:
            return template
    raise ContractError(f"{method} {path}", [Problem((), "Discord has no such route")])


@cache
def _templates() -> list[tuple[str, re.Pattern[str]]]:
    """Path templates with their patterns, the most literal first (`.../pins` before `.../{message_id}`)."""
    templates = sorted(_description()["paths"], key=lambda template: template.count("{"))
    return [(template, re.compile(re.sub(r"\{[^}]*\}", "[^/]+", template))) for template in templates]


def _request_problems(method: str, template: str, body: Any) -> list[Problem]:
    request = _description()["paths"][template][method.lower()].get("requestBody")
    if request is None:
        return [] if body is None else [Problem((), "this route takes no body")]
    if body is None:
        return [Problem((), "this route needs a body", "BASE_TYPE_REQUIRED")] if request["required"] else []
    return _schema_problems(
        _pointer("paths", template, method.lower(), "requestBody", *JSON_BODY),
        body,
    )


def _response_problems(method: str, template: str, status: int, body: Any) -> list[Problem]:
    responses = _description()["paths"][template][method.lower()]["responses"]
    key = next((key for key in (str(status), f"{status // 100}XX") if key in responses), None)
    if key is None:
        return [Problem((), f"Discord never answers {status} here")]
    at = ["paths", template, method.lower(), "responses", key]
    if "$ref" in responses[key]:
        at = responses[key]["$ref"].removeprefix("#/").split("/")
    if "content" not in _at(at):
        return [] if body is None else [Problem((), "this answer has no body")]
    return _schema_problems(_pointer(*at, *JSON_BODY), body)


def _at(keys: list[str]) -> Any:
    value: Any = _description()
    for key in keys:
        value = value[key]
    return value


def _schema_problems(pointer: str, value: Any) -> list[Problem]:
    errors = _validator(pointer).iter_errors(value)
    return [problem for error in errors for problem in _explain(error)]


def _explain(error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    """A union that does not hold is explained by the branch that was most likely meant."""
    where = tuple(error.instance_path)
    branches = getattr(error.kind, "context", None)
    if not branches:
        yield _leaf(error, where)
        return
    for at in (where, (*where, "type")):
        if values := _refused_values(branches, at):
            yield Problem(at, f"must be one of {', '.join(values)}", "BASE_TYPE_CHOICES")
            return
    yield from min((_Branch(branch, where) for branch in branches), key=lambda branch: branch.misfit).problems


class _Branch:
    def __init__(self, errors: list[jsonschema_rs.ValidationError], where: Where) -> None:
        self.problems = [problem for error in errors for problem in _explain(error)]
        # Unions are told apart by `type`: a branch that refuses it, or the value as a whole, was not meant.
        refused = {(tuple(error.instance_path), error.kind.name) for error in errors}
        self.misfit = (bool(refused & {(where, "type"), ((*where, "type"), "enum")}), len(self.problems))


def _refused_values(branches: list[list[jsonschema_rs.ValidationError]], at: Where) -> list[str]:
    """The values that the branches allow at a place, when each of them refuses what stands there."""
    refusals = [[error for error in branch if _refuses_value(error, at)] for branch in branches]
    if not all(refusals):
        return []
    allowed = [json.dumps(value) for errors in refusals for error in errors for value in _allowed(error)]
    return sorted(set(allowed), key=lambda value: (len(value), value))


def _refuses_value(error: jsonschema_rs.ValidationError, at: Where) -> bool:
    return error.kind.name in ("enum", "const") and tuple(error.instance_path) == at


def _allowed(error: jsonschema_rs.ValidationError) -> list[Any]:
    return list(error.kind.value) if error.kind.name == "enum" else [error.kind.value]


def _leaf(error: jsonschema_rs.ValidationError, where: Where) -> Problem:
    facts = error.kind.as_dict()
    match error.kind.name:
        case "required":
            return Problem((*where, facts["property"]), "This field is required", "BASE_TYPE_REQUIRED")
        case "maxLength" | "maxItems":
            return Problem(where, f"Must be {facts['limit']} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
        case "minLength" | "minItems":
            return Problem(where, f"Must be {facts['limit']} or more in length.", "BASE_TYPE_BAD_LENGTH")
        case "enum" | "const":
            return Problem(where, error.message, "BASE_TYPE_CHOICES")
        case _:
            return Problem(where, error.message)


# What the description does not say and Discord refuses all the same ----------------------------------------


def _no_limits(_: Any) -> Iterator[Problem]:
    yield from ()


def _reply_limits(reply: Json) -> Iterator[Problem]:
    data, kind = reply.get("data"), reply["type"]
    if kind == 4 and data is None:
        yield Problem(("data",), "This field is required", "BASE_TYPE_REQUIRED")
        return
    for problem in _REPLY_LIMITS.get(kind, _no_limits)(data or {}):
        yield Problem(("data", *problem.where), problem.message, problem.code)


def _new_message_limits(message: Json) -> Iterator[Problem]:
    if not any(message.get(part) for part in ("content", "embeds", "components", "attachments", "poll")):
        yield Problem((), "Cannot send an empty message", "EMPTY_MESSAGE")
    yield from _message_limits(message)
    rows = message.get("components") or []
    if not (message.get("flags") or 0) & COMPONENTS_V2 and any(row["type"] != 1 for row in rows):
        yield Problem(("components",), "needs the flag IS_COMPONENTS_V2", "UNION_TYPE_CHOICES")


def _message_limits(message: Json) -> Iterator[Problem]:
    if len(message.get("content") or "") > 2000:
        yield Problem(("content",), "Must be 2000 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    yield from _embed_limits(message.get("embeds") or [])
    yield from _component_limits(message.get("components") or [])


def _embed_limits(embeds: list[Json]) -> Iterator[Problem]:
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


def _component_limits(components: list[Json]) -> Iterator[Problem]:
    if len(components) > 5 and all(component["type"] == 1 for component in components):
        yield Problem(("components",), "Must be 5 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    yield from _custom_id_limits(components)
    for where, component in walk(components):
        if component["type"] == 2:
            yield from _button_limits(where, component)
        inside = component.get("components") or []
        if component["type"] == 1 and len(inside) > 1 and any(child["type"] != 2 for child in inside):
            yield Problem((*where, "components"), "a select needs a row of its own", "UNION_TYPE_CHOICES")


def _custom_id_limits(components: list[Json]) -> Iterator[Problem]:
    seen: set[str] = set()
    for where, component in walk(components):
        custom_id = component.get("custom_id")
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            yield Problem((*where, "custom_id"), message, "COMPONENT_CUSTOM_ID_DUPLICATED")
        if custom_id:
            seen.add(custom_id)


def _button_limits(where: Where, button: Json) -> Iterator[Problem]:
    needs = {5: "url", 6: "sku_id"}.get(button["style"], "custom_id")
    for part in ("custom_id", "url", "sku_id"):
        if part == needs and not button.get(part):
            yield Problem((*where, part), "This field is required", "BASE_TYPE_REQUIRED")
        if part != needs and button.get(part):
            yield Problem((*where, part), f"a button of style {button['style']} has none")
    if button["style"] != 6 and not (button.get("label") or button.get("emoji")):
        yield Problem(where, "A button must have a label or an emoji", "BUTTON_COMPONENT_INVALID")


def walk(components: list[Json], where: Where = ("components",)) -> Iterator[tuple[Where, Json]]:
    """Every component of a message or modal with its place, those inside others included."""
    for index, component in enumerate(components):
        here = (*where, index)
        yield here, component
        yield from walk(component.get("components") or [], (*here, "components"))
        for part in ("component", "accessory"):
            if part in component:
                yield (*here, part), component[part]


def _modal_limits(modal: Json) -> Iterator[Problem]:
    if len(modal["components"]) > 5:
        yield Problem(("components",), "Must be 5 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    yield from _custom_id_limits(modal["components"])


def _choices(part: Json) -> list[Json]:
    return [choice for choice in part.get("choices") or [] if choice]


def _choice_limits(data: Json) -> Iterator[Problem]:
    for index, choice in enumerate(_choices(data)):
        if isinstance(choice["value"], str) and not 1 <= len(choice["value"]) <= 100:
            where = ("choices", index, "value")
            yield Problem(where, "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")


# Application commands: https://docs.discord.com/developers/interactions/application-commands

_KINDS = {1: (100, "slash"), 2: (15, "user"), 3: (15, "message"), 4: (1, "entry point")}
_SLASH_NAME = re.compile(r"[-_'\w]{1,32}")


def _commands_limits(commands: list[Json]) -> Iterator[Problem]:
    names = Counter((command.get("type") or 1, command["name"]) for command in commands)
    for kind, count in Counter(command.get("type") or 1 for command in commands).items():
        most, word = _KINDS[kind]
        if count > most:
            yield Problem((), f"more than {most} {word} commands", "BASE_TYPE_MAX_LENGTH")
    for index, command in enumerate(commands):
        if names[command.get("type") or 1, command["name"]] > 1:
            message = "Application command names must be unique"
            yield Problem((index, "name"), message, "APPLICATION_COMMANDS_DUPLICATE_NAME")
        for problem in _command_limits(command):
            yield Problem((index, *problem.where), problem.message, problem.code)


def _command_limits(command: Json) -> Iterator[Problem]:
    if (command.get("type") or 1) in (2, 3):
        yield from _menu_limits(command)
        return
    yield from _name_limits((), command)
    if not command.get("description"):
        yield Problem(("description",), "This field is required", "BASE_TYPE_REQUIRED")
    yield from _option_limits(("options",), command.get("options") or [])
    if _command_length(command) > 8000:
        yield Problem((), "Command exceeds maximum size (8000)", "APPLICATION_COMMAND_TOO_LARGE")


def _menu_limits(command: Json) -> Iterator[Problem]:
    for part in ("description", "options"):
        if command.get(part):
            yield Problem((part,), f"Context menu commands cannot have {part}", "BASE_TYPE_INVALID")


def _name_limits(where: Where, named: Json) -> Iterator[Problem]:
    name = named["name"]
    if not _SLASH_NAME.fullmatch(name) or name != name.lower():
        yield Problem((*where, "name"), "must be lower-case letters, digits, - or _", "STRING_TYPE_REGEX")


def _option_limits(where: Where, options: list[Json]) -> Iterator[Problem]:
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
        yield from _name_limits(here, option)
        yield from _option_choice_limits(here, option)
        yield from _option_limits((*here, "options"), option.get("options") or [])


def _option_choice_limits(where: Where, option: Json) -> Iterator[Problem]:
    choices = _choices(option)
    if choices and option.get("autocomplete"):
        yield Problem((*where, "autocomplete"), "cannot be set beside choices", "BASE_TYPE_INVALID")
    if len({choice["name"] for choice in choices}) < len(choices):
        yield Problem((*where, "choices"), "Choice names must be unique", "BASE_TYPE_INVALID")
    for problem in _choice_limits({"choices": choices}):
        yield Problem((*where, *problem.where), problem.message, problem.code)


def _command_length(part: Json) -> int:
    """Characters that count against the 8000: of each text the longest translation."""
    own = sum(_longest(part, text) for text in ("name", "description"))
    choices = sum(_longest(choice, "name") + len(str(choice["value"])) for choice in _choices(part))
    return own + choices + sum(map(_command_length, part.get("options") or []))


def _longest(part: Json, text: str) -> int:
    translations = (part.get(f"{text}_localizations") or {}).values()
    return max(len(part.get(text) or ""), *map(len, translations), 0)


_REPLY_LIMITS: dict[int, Limits] = {
    4: _new_message_limits,
    7: _message_limits,
    8: _choice_limits,
    9: _modal_limits,
}
_LIMITS: dict[tuple[str, str], Limits] = {
    ("POST", "/channels/{channel_id}/messages"): _new_message_limits,
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): _message_limits,
    ("PUT", "/applications/{application_id}/commands"): _commands_limits,
    ("PUT", "/applications/{application_id}/guilds/{guild_id}/commands"): _commands_limits,
}
