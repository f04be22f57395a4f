"""The interactions endpoint: HTTP event -> verified interaction -> dispatch -> HTTP response.

https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

import base64
import json
import math
import time
from typing import Any

from discord_interactions import InteractionType
from pydantic import ValidationError

from shared import database, features, snapstart
from shared.discord import rest, signature
from shared.discord.error import DiscordError
from shared.discord.payload import Payload
from shared.discord.reply import ACKNOWLEDGED, PONG, Reply, choices, private
from shared.features.drop import OVER
from shared.interactions import dispatch, registry
from shared.interactions.interaction import Interaction
from shared.log import logger
from shared.settings import SignatureSettings
from shared.text import sentences

Event = dict[str, Any]
Response = dict[str, Any]

# Cold start: everything that the first click would have to wait for.
PUBLIC_KEYS = SignatureSettings.load().public_keys
database.client()
features.declare_all()
snapstart.register(warm=[registry.build_models, rest.client], renew=[database.renew, rest.renew])
_is_cold = True

_HANDLERS = {
    InteractionType.APPLICATION_COMMAND: dispatch.run_command,
    InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE: dispatch.complete_option,
    InteractionType.MESSAGE_COMPONENT: dispatch.press_button,
    InteractionType.MODAL_SUBMIT: dispatch.send_form,
}

_UNKNOWN = {
    InteractionType.MESSAGE_COMPONENT: sentences.UNKNOWN_BUTTON,
    InteractionType.MODAL_SUBMIT: sentences.UNKNOWN_FORM,
}


def _json_response(status: int, body: Any) -> Response:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    }


UNAUTHORIZED = _json_response(401, {"error": "invalid request signature"})
ACCEPTED: Response = {"statusCode": 202}


def handler(event: Event, context: Any) -> Response:
    """Answer one Function URL event. Nothing in the body is looked at before its signature is verified."""
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    body = _body(event)
    sent_signature, timestamp = (
        headers.get("x-signature-ed25519", ""),
        headers.get("x-signature-timestamp", ""),
    )
    if body is None or not signature.is_valid(body, sent_signature, timestamp, PUBLIC_KEYS):
        # A short line each, with nothing of a stranger's in it: less than what the invocation itself costs.
        logger.info("bad signature")
        return UNAUTHORIZED
    reply = answer(body, _stops_at(context))
    return ACCEPTED if reply is ACKNOWLEDGED else _json_response(200, reply)


def _stops_at(context: Any) -> float:
    """When (monotonic) Lambda ends the function; a call by hand has no such end."""
    return time.monotonic() + context.get_remaining_time_in_millis() / 1000 if context else math.inf


def _body(event: Event) -> bytes | None:
    """The bytes that were sent, or None where the encoding is broken."""
    body = event.get("body") or ""
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:
        return None


def answer(body: bytes, stops_at: float = math.inf) -> Reply:
    """Answer a verified body, whatever is in it, until the function is stopped at `stops_at` (monotonic)."""
    started = time.monotonic()
    try:
        payload = json.loads(body)
        kind = payload["type"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return _malformed(body)
    if kind == InteractionType.PING:
        return PONG
    try:
        interaction = Interaction(Payload.model_validate(payload), stops_at)
    except ValidationError:
        return _malformed(body, kind)
    reply = respond(interaction)
    if interaction.deferred_at is not None and reply is not ACKNOWLEDGED:
        reply = _send(interaction, reply)
    _log(interaction, started)
    return reply


def _send(interaction: Interaction, reply: Reply) -> Reply:
    """The way of a reply that Discord was told to wait for."""
    try:
        interaction.send(reply["data"])
    except DiscordError as error:
        logger.warning("reply not sent", extra={"status": error.status, "code": error.code})
    return ACKNOWLEDGED


def _malformed(body: bytes, kind: object = None) -> Reply:
    logger.warning("malformed interaction", extra={"bytes": len(body)})
    return _say(sentences.MALFORMED, kind)


def _say(problem: str, kind: object) -> Reply:
    """Tell the one who acted; there is no way to say anything while somebody types."""
    return choices([]) if kind == InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE else private(problem)


def respond(interaction: Interaction) -> Reply:
    """Dispatch an interaction and turn every failure into a sentence."""
    try:
        return _dispatch(interaction)
    except registry.UnknownHandlerError:
        interaction.outcome = "unknown"
        problem = _UNKNOWN.get(interaction.payload.type, sentences.UNKNOWN_COMMAND)
    except registry.InvalidOptionsError as error:
        interaction.outcome = "invalid_options"
        problem = sentences.option_problems(error.problems)
        if interaction.payload.type == InteractionType.MODAL_SUBMIT:
            problem = f"{problem}\n{sentences.FORM_AGAIN}"
    except database.DatabaseUnavailableError as error:
        logger.error("database unavailable", extra={"function": str(error)})
        interaction.outcome = "database_unavailable"
        problem = sentences.DATABASE_AWAY_FOR_ADMINS if interaction.required_level else sentences.DATABASE_AWAY
    except database.DatabaseError as error:
        logger.exception("database error", extra={"code": error.code})
        interaction.outcome = "database_error"
        problem = sentences.SCHEMA_BEHIND if error.is_schema_behind else sentences.OUR_FAULT
    except Exception:
        logger.exception("interaction failed")
        interaction.outcome = "failed"
        problem = sentences.OUR_FAULT
    return _say(problem, interaction.payload.type)


def _dispatch(interaction: Interaction) -> Reply:
    if interaction.payload.guild_id is None or interaction.payload.member is None:
        interaction.outcome = "not_in_a_server"
        return _say(sentences.GUILD_ONLY, interaction.payload.type)
    run = _HANDLERS.get(interaction.payload.type)
    if run is None:
        raise registry.UnknownHandlerError(f"type {interaction.payload.type}")
    return run(interaction)


def _log(interaction: Interaction, started: float) -> None:
    """One line an interaction; never its token, its body or what somebody typed.

    The milliseconds are those that Discord waited; what is sent after it was told to wait is not in them.
    """
    global _is_cold  # noqa: PLW0603
    answered = interaction.deferred_at or time.monotonic()
    logger.info(
        "interaction",
        extra={
            "interaction_id": interaction.payload.id,
            "server_id": interaction.payload.guild_id,
            "command": interaction.payload.data.custom_id.split(":")[0] or dispatch.command_path(interaction),
            "outcome": interaction.outcome,
            "refused": interaction.outcome in sentences.REFUSALS or interaction.outcome in OVER,
            "milliseconds": round((answered - started) * 1000, 1),
            "cold": _is_cold,
        },
    )
    _is_cold = False
