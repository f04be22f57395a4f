"""What a request to the REST API asks for, checked as Discord checks it."""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from infra.local.contract import Problem
from infra.local.refusals import DiscordError, invalid_form, refusal


def check_ids(parameters: Mapping[str, str]) -> None:
    """Refuse parameters that are named like ids and are none."""
    for name, value in parameters.items():
        if name.endswith("_id") and not _is_snowflake(value):
            raise _bad_parameter(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def json_body(request: Request, raw: bytes) -> Any:
    """The JSON of a route that takes a body, and None of any other."""
    if request.method in ("GET", "DELETE") or request.url.path.endswith("/@me"):
        return None
    if request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        raise _bad_parameter("_content_type", "CONTENT_TYPE_INVALID", 'Expected "Content-Type" application/json.')
    try:
        return json.loads(raw)
    except ValueError:
        raise refusal(50109) from None


def limit(request: Request, default: int) -> int:
    """How many items are asked for."""
    text = request.query_params.get("limit", str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise _bad_parameter("limit", "NUMBER_TYPE_BAD_RANGE", "int value should be between 1 and 100.")
    return int(text)


def cursor(request: Request, name: str) -> int | None:
    """The id in the query that a list goes on from."""
    value = request.query_params.get(name)
    if value is None:
        return None
    check_ids({f"{name}_id": value})
    return int(value)


def emoji(request: Request) -> str:
    """The emoji in the path: a Unicode one, or name:id of a server's own."""
    name = str(request.path_params["emoji_name"])
    custom = re.fullmatch(r"\w{2,32}:[0-9]+", name)
    if not custom and not any(unicodedata.category(character) in ("So", "Me") for character in name):
        raise refusal(10014)
    return name


def _is_snowflake(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,20}", value) is not None


def _bad_parameter(name: str, code: str, message: str) -> DiscordError:
    return invalid_form([Problem((name,), message, code)])
