"""The parameters and the body of a request, checked as Discord checks them."""

import json
import re
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
    return number(request, "limit", default, range(1, 101))


def number(request: Request, name: str, default: int, allowed: range) -> int:
    """A number in the query that must be in a range."""
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text) not in allowed:
        message = f"int value should be between {allowed[0]} and {allowed[-1]}."
        raise _bad_parameter(name, "NUMBER_TYPE_BAD_RANGE", message)
    return int(text)


def one_cursor(request: Request, *names: str) -> tuple[str, int] | None:
    """The one of some ids that the query has, with its name; they exclude each other."""
    found = [(name, value) for name in names if (value := cursor(request, name)) is not None]
    if len(found) > 1:
        raise _bad_parameter(found[1][0], "MUTUALLY_EXCLUSIVE", f"cannot be given with {found[0][0]}.")
    return found[0] if found else None


def cursor(request: Request, name: str) -> int | None:
    """The id in the query before or after which a list begins."""
    value = request.query_params.get(name)
    if value is None:
        return None
    check_ids({f"{name}_id": value})
    return int(value)


# Those of Unicode: https://unicode.org/reports/tr51/#EBNF_and_Regex. Discord keeps a variation selector as it was sent:
# with it and without it are two reactions.
_SYMBOL = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    r"\u3030\u303d\u3297\u3299\U0001f004-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
_EMOJI = re.compile(
    rf"\w{{2,32}}:[0-9]{{1,20}}|[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{1,2}}|{_SYMBOL}(\u200d{_SYMBOL})*"
)


def emoji(request: Request) -> str:
    """The emoji in the path: a Unicode one, or `name:id` of one that belongs to a server."""
    name = str(request.path_params["emoji_name"])
    if not _EMOJI.fullmatch(name):
        raise api_error(10014)
    return name


def _is_snowflake(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,19}", value) is not None and int(value) < 2**63


def _bad_parameter(name: str, code: str, message: str) -> DiscordError:
    return invalid_form([Problem((name,), message, code)])
