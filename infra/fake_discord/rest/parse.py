"""The parameters and the body of a request, checked as Discord checks them."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from typing import Any, NamedTuple

from starlette.requests import Request

from infra.fake_discord.contract import Problem
from infra.fake_discord.errors import DiscordError, api_error, invalid_form


def check_ids(parameters: Mapping[str, str]) -> None:
    """Refuse ids that are not snowflakes."""
    for name, value in parameters.items():
        if name.endswith("_id") and not _is_snowflake(value):
            raise _bad_parameter(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


class File(NamedTuple):
    """An uploaded file."""

    name: str
    content: bytes
    content_type: str


def body(request: Request, raw: bytes) -> tuple[Any, dict[str, File]]:
    """The JSON body, None where the route takes none, and the files by their names in the form."""
    if request.method in ("GET", "DELETE") or request.url.path.endswith("/@me"):
        return None, {}
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    if kind == "multipart/form-data":
        parts = dict(_parts(request.headers["Content-Type"], raw))
        sent = parts.pop("payload_json", File("", b"{}", ""))
        return _json(sent.content), parts
    if kind != "application/json":
        raise _bad_parameter("_content_type", "CONTENT_TYPE_INVALID", 'Expected "Content-Type" application/json.')
    return _json(raw), {}


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise api_error(50109) from None


def _parts(content_type: str, raw: bytes) -> Iterator[tuple[str, File]]:
    """The parts of a form, each with its name."""
    form = Message()
    form["Content-Type"] = content_type
    boundary = f"\r\n--{form.get_boundary()}".encode()
    for part in (b"\r\n" + raw).split(boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        fields = message_from_bytes(head)
        name = fields.get_param("name", header="Content-Disposition")
        yield str(name), File(fields.get_filename() or "", content, fields.get_content_type())


def limit(request: Request, default: int) -> int:
    """The query's `limit`, from 1 to 100."""
    text = request.query_params.get("limit", str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise _bad_parameter("limit", "NUMBER_TYPE_BAD_RANGE", "int value should be between 1 and 100.")
    return int(text)


def cursor(request: Request, name: str) -> int | None:
    """The id in the query before or after which a list begins."""
    value = request.query_params.get(name)
    if value is None:
        return None
    check_ids({f"{name}_id": value})
    return int(value)


def emoji(request: Request) -> str:
    """The emoji in the path: a Unicode one, or `name:id` of one that belongs to a server."""
    name = str(request.path_params["emoji_name"])
    custom = re.fullmatch(r"\w{2,32}:[0-9]+", name)
    if not custom and not any(unicodedata.category(character) in ("So", "Me") for character in name):
        raise api_error(10014)
    return name


def _is_snowflake(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,20}", value) is not None


def _bad_parameter(name: str, code: str, message: str) -> DiscordError:
    return invalid_form([Problem((name,), message, code)])
