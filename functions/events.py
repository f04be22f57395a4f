"""The events endpoint: HTTP event -> verified batch of activity and events -> one RPC -> an answer per item.

docs/events.openapi.json describes the batches and the answers. What somebody wrote is in them: log nothing of a batch
but its figures, and no error that may repeat a part of it.
"""

import math
import time
from collections import Counter
from typing import Annotated, Any

from nacl.signing import VerifyKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from shared import database, function_url
from shared.discord import signature
from shared.function_url import UNAUTHORIZED, Event, Response, json_response
from shared.log import logger
from shared.settings import EventSettings

PATH = "/v1/events"
BODY_LIMIT = 1_000_000  # bytes
ITEM_LIMIT = 500
CALL_SECONDS = 10
RESERVE_SECONDS = 1  # to answer in, before Lambda ends the function
RETRY_SECONDS = 5

NOT_FOUND = json_response(404, {"error": f"there is nothing here; batches go to {PATH}"})
NOT_ALLOWED = json_response(405, {"error": "batches are sent by POST"}, allow="POST")
TOO_LARGE = json_response(413, {"error": f"a batch has {BODY_LIMIT:,} bytes at most; send several"})
UNAVAILABLE = json_response(
    503,
    {"error": "the database does not answer; send the same batch again, what it has recorded already counts once"},
    **{"retry-after": str(RETRY_SECONDS)},
)
FAILED = json_response(500, {"error": "this is a fault of ours; nothing of the batch was recorded"})

OPERATORS = EventSettings.load().public_keys
database.client()
_is_cold = True


class Batch(BaseModel):
    """What is sent: items of one server. Single items are looked at in SQL."""

    model_config = ConfigDict(strict=True)

    server_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    items: Annotated[list[Any], Field(min_length=1, max_length=ITEM_LIMIT)]


class UnreadableError(Exception):
    """A body that is no batch; `problems` name places and say what is wrong there, without what was sent."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__()
        self.problems = [{"field": field, "problem": problem} for field, problem in problems]


def handler(event: Event, context: Any) -> Response:
    """Answer one Function URL event. Verify the signature before anything else reads the body."""
    started = time.monotonic()
    body = function_url.body(event)
    if refused := _misdirected(event) or _too_large(body):
        return refused
    key = _signer(function_url.headers(event), body)
    if body is None or key is None:
        logger.info("bad signature")  # nothing of what a stranger sent
        return UNAUTHORIZED
    try:
        batch = _batch(body)
    except UnreadableError as error:
        logger.info("unreadable batch", extra={"key": _shortened(key), "bytes": len(body)})
        return json_response(422, {"error": "this is no batch", "problems": error.problems})
    return _record(key, batch, started, function_url.stops_at(context))


def _misdirected(event: Event) -> Response | None:
    """The answer to a request for something else."""
    if event.get("rawPath", "").removesuffix("/") != PATH:
        return NOT_FOUND
    return None if event["requestContext"]["http"]["method"] == "POST" else NOT_ALLOWED


def _too_large(body: bytes | None) -> Response | None:
    return TOO_LARGE if body and len(body) > BODY_LIMIT else None


def _signer(headers: dict[str, str], body: bytes | None) -> VerifyKey | None:
    """The key that signed, which the header names; None where it did not. Whose key it is, the database knows."""
    key = signature.verify_key(headers.get("x-resonance-key", ""))
    sent, timestamp = headers.get("x-signature-ed25519", ""), headers.get("x-signature-timestamp", "")
    is_signed = key and body is not None and signature.is_valid(body, sent, timestamp, [key])
    return key if is_signed else None


# --- Reading


def _batch(body: bytes) -> Batch:
    """Read a body, whatever is in it. Raises UnreadableError."""
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError as error:  # broken, deeper than 200, half of a surrogate pair, a number without end
        raise UnreadableError(("", f"no JSON: {error}")) from None
    try:
        batch = Batch.model_validate(content)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        raise UnreadableError(*[(".".join(map(str, each["loc"])), each["msg"]) for each in problems]) from None
    if unstorable := [
        (f"items.{place}", problem) for place, item in enumerate(batch.items) if (problem := _flaw(item))
    ]:
        raise UnreadableError(*unstorable)
    return batch


def _flaw(value: Any) -> str | None:
    """Why Postgres cannot take a value, None where it can."""
    if isinstance(value, str):
        return "it has the character U+0000" if "\x00" in value else None
    if isinstance(value, float):
        return None if math.isfinite(value) else "it has a number that is too large"
    if isinstance(value, dict):
        return next(filter(None, map(_flaw, [*value, *value.values()])), None)
    return next(filter(None, map(_flaw, value)), None) if isinstance(value, list) else None


# --- Recording


def _record(key: VerifyKey, batch: Batch, started: float, stops_at: float) -> Response:
    """Record a batch with one call, in one transaction."""
    timeout = min(CALL_SECONDS, stops_at - RESERVE_SECONDS - time.monotonic())
    try:
        answer = database.rpc(
            "record_events",
            timeout=timeout,
            key=key.encode().hex(),
            is_operator=key in OPERATORS,
            server_id=batch.server_id,
            items=batch.items,
        )
    except database.DatabaseError as error:
        is_away = isinstance(error, database.DatabaseUnavailableError) or error.is_schema_behind
        # Its code alone: what a database or a gateway says may repeat a part of the batch.
        logger.error("batch not recorded", extra={"server_id": batch.server_id, "code": error.code})
        return UNAVAILABLE if is_away else FAILED
    _log(key, batch, answer, started)
    return UNAUTHORIZED if answer["outcome"] == "unknown_key" else json_response(200, {"results": answer["results"]})


def _log(key: VerifyKey, batch: Batch, answer: dict[str, Any], started: float) -> None:
    """Log one line a batch: its figures."""
    global _is_cold  # noqa: PLW0603
    counts = Counter(result["result"] for result in answer.get("results", []))
    logger.info(
        "batch",
        extra={
            "server_id": batch.server_id,
            "key": _shortened(key),
            "outcome": answer["outcome"],
            "items": len(batch.items),
            **counts,
            "milliseconds": round((time.monotonic() - started) * 1000, 1),
            "cold": _is_cold,
        },
    )
    _is_cold = False


def _shortened(key: VerifyKey) -> str:
    return key.encode().hex()[:8]
