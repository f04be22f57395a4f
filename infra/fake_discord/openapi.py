"""The contract check: is a payload what Discord's OpenAPI description and its further rules ask for?

The description is openapi.json, trimmed to the routes that trim_openapi.py lists. A check that fails raises
`ContractError`, whose problems name the place in the JSON, as Discord's own errors do.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import jsonschema_rs

from infra.fake_discord.contract import ContractError, Json, Problem, Where
from infra.fake_discord.payload_rules import reply_problems, request_problems
from infra.fake_discord.rest.interactions import CALLBACK
from infra.fake_discord.trim_openapi import TRIMMED

JSON_BODY = ("content", "application/json", "schema")


def check_reply(payload: Any) -> None:
    """Check a reply to an interaction (the JSON of the 200 answer)."""
    schema = _pointer("paths", CALLBACK, "post", "requestBody", *JSON_BODY)
    _raise_for("reply", _schema_problems(schema, payload), reply_problems(payload))


def check_request(method: str, path: str, body: Any) -> None:
    """Check the JSON body (None: no body) of a REST call; the path is the one below /api/v10."""
    template = _template(method, path)
    problems = _request_problems(method, template, body)
    _raise_for(f"{method} {template}", problems, request_problems(method, template, body))


def check_response(method: str, path: str, status: int, body: Any) -> None:
    """Check the JSON body (None: no body) of an answer to a REST call."""
    template = _template(method, path)
    problems = _response_problems(method, template, status, body)
    _raise_for(f"answer {status} to {method} {template}", problems)


def check_schema(name: str, value: Any) -> None:
    """Check a value against one named schema of the description."""
    problems = _schema_problems(_pointer("components", "schemas", name), value)
    _raise_for(name, problems)


def _raise_for(subject: str, problems: list[Problem], further: Iterable[Problem] = ()) -> None:
    # Look for further problems only when the shape is right: the rules rely on it.
    problems = problems or list(further)
    if problems:
        raise ContractError(subject, problems)


# The description -------------------------------------------------------------------------------------------


@cache
def _description() -> Json:
    description: Json = json.loads(TRIMMED.read_bytes())
    _allow_permission_strings(description["components"]["schemas"].values())
    return description


def _allow_permission_strings(schemas: Iterable[Json]) -> None:
    # The description asks for an integer, the documentation for a string of digits. Discord accepts both.
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
    # Mask the values: a message must not repeat a token that the payload holds.
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
    raise ContractError(f"{method} {path}", [Problem((), "openapi.json has no such route")])


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
    """Explain a union by its branch that was most likely meant."""
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
        # `type` tells branches apart: one that refuses it, or the value as a whole, was not meant.
        refused = {(tuple(error.instance_path), error.kind.name) for error in errors}
        self.misfit = (bool(refused & {(where, "type"), ((*where, "type"), "enum")}), len(self.problems))


def _refused_values(branches: list[list[jsonschema_rs.ValidationError]], at: Where) -> list[str]:
    """The values that the branches allow at a place, if all of them refuse the present one."""
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
