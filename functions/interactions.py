"""The interactions endpoint: HTTP event -> verified interaction -> dispatch -> HTTP response.

https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint
"""

import json
import math
import time
from typing import Any
from uuid import UUID

from discord_interactions import InteractionType
from pydantic import ValidationError

from shared import database, features, function_url, snapstart
from shared.discord import rest, signature
from shared.discord.payload import Payload
from shared.discord.reply import ACKNOWLEDGED, PONG, Reply
from shared.function_url import UNAUTHORIZED, Event, Response
from shared.interactions import dispatch, outcomes, registry, retry
from shared.interactions.interaction import Interaction
from shared.log import logger
from shared.settings import SignatureSettings

REHEARSAL = {  # a click on a drop that there is not
    "id": "0",
    "type": InteractionType.MESSAGE_COMPONENT,
    "guild_id": "0",
    "channel_id": "0",
    "member": {"user": {"id": "0"}, "roles": [], "permissions": "0"},
    "message": {"id": "0"},
    "data": {"custom_id": f"claim:{UUID(int=0)}"},
}

# Cold start: what every first interaction would have to wait for; in a snapshot also what some would.
PUBLIC_KEYS = SignatureSettings.load().public_keys
database.client()
_is_cold = True


def _warm() -> None:
    """Declare everything, and press the button of no drop, which pays nobody, so that no click is the first."""
    features.declare_all()
    registry.build_models()
    rest.client()
    dispatch.respond(Interaction(Payload.model_validate(REHEARSAL)))
    database.renew()  # a snapshot keeps no connection


snapstart.register(warm=[_warm], renew=[database.renew, rest.renew])


ACCEPTED: Response = {"statusCode": 202}


def handler(event: Event, context: Any) -> Response:
    """Answer one Function URL event. Verify the signature before anything else reads the body."""
    headers, body = function_url.headers(event), function_url.body(event)
    sent_signature, timestamp = (
        headers.get("x-signature-ed25519", ""),
        headers.get("x-signature-timestamp", ""),
    )
    if body is None or not signature.is_valid(body, sent_signature, timestamp, PUBLIC_KEYS):
        # Log a short line without anything that a stranger sent; it costs less than the invocation itself.
        logger.info("bad signature")
        return UNAUTHORIZED
    reply = answer(body, function_url.stops_at(context))
    return ACCEPTED if reply is ACKNOWLEDGED else function_url.json_response(200, reply)


def answer(body: bytes, stops_at: float = math.inf) -> Reply:
    """Reply to a verified body, whatever is in it, before the function is stopped at `stops_at` (monotonic)."""
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
    features.declare(dispatch.invoked(interaction))
    reply = dispatch.respond(interaction)
    _log(interaction, started)
    return reply


def _malformed(body: bytes, kind: object = None) -> Reply:
    logger.warning("malformed interaction", extra={"bytes": len(body)})
    return dispatch.problem_reply(dispatch.MALFORMED, kind)


def _log(interaction: Interaction, started: float) -> None:
    """Log one line an interaction; never its token, its body or what somebody typed.

    The milliseconds are those that Discord waited, without what is sent after a deferred reply.
    """
    global _is_cold  # noqa: PLW0603
    answered = interaction.deferred_at or time.monotonic()
    logger.info(
        "interaction",
        extra={
            "interaction_id": interaction.payload.id,
            "server_id": interaction.payload.guild_id,
            "command": retry.form_id(interaction.payload.data.custom_id).split(":")[0]
            or dispatch.command_path(interaction),
            "outcome": interaction.outcome,
            "refused": outcomes.is_refusal(interaction.outcome),
            "milliseconds": round((answered - started) * 1000, 1),
            "cold": _is_cold,
        },
    )
    _is_cold = False
