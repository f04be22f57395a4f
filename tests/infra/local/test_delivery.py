"""Handlers get what a Function URL gives them."""

import base64
import json
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from infra.fake_discord.client import Client
from infra.fake_discord.contract import Json
from infra.local.delivery import lambda_sender, sign_event
from tests import EVENTS

KEY = SigningKey(bytes(range(32)))
COMMANDS = [{"id": "11", "name": "daily", "description": "Check in"}]


@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
def test_a_handler_is_called_with_a_function_url_event(encoded: bool) -> None:
    seen: list[tuple[Json, object]] = []
    answer = json.dumps({"type": 4, "data": {"content": "Grüße"}})
    body = base64.b64encode(answer.encode()).decode() if encoded else answer

    def handler(event: Json, context: object) -> Json:
        seen.append((event, context))
        headers = {"Content-Type": "application/json"}
        return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": encoded}

    reply = Client(lambda_sender(handler, lambda: "context"), KEY, "1", "2", "3", COMMANDS).slash("daily")
    ((event, context),) = seen
    assert (reply.content, context) == ("Grüße", "context")
    assert event["version"] == "2.0"
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["body"].encode() == reply.sent
    signed = event["headers"]["x-signature-timestamp"].encode() + reply.sent
    assert KEY.verify_key.verify(signed, bytes.fromhex(event["headers"]["x-signature-ed25519"]))


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_stored_events_can_be_signed(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    signed = sign_event(event, KEY, "1800000000")
    headers = {name.lower(): value for name, value in signed["headers"].items()}
    assert set(signed["headers"]) == set(event["headers"])
    if path.stem == "missing_headers":
        assert "x-signature-ed25519" not in headers
    else:
        raw = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
        KEY.verify_key.verify(b"1800000000" + raw, bytes.fromhex(headers["x-signature-ed25519"]))
        assert headers["x-signature-timestamp"] == "1800000000"
