"""Interactions as Lambda events: delivered straight into a handler, and stored events signed."""

import base64
import time
from collections.abc import Callable
from typing import Any

from nacl.signing import SigningKey
from starlette.requests import Request

from infra.fake_discord.contract import Json
from infra.fake_discord.delivery import Headers, Send, sign
from infra.local.gateway import function_url_event


def lambda_sender(handler: Callable[[Json, Any], Json], context_factory: Callable[[], Any], path: str = "/") -> Send:
    """Deliver straight into a Lambda handler, as a Function URL would."""

    def send(headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        result = handler(function_url_event(_request(headers, path), body), context_factory())
        text = result.get("body") or ""
        raw = base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
        return result["statusCode"], result.get("headers") or {}, raw

    return send


def sign_event(event: Json, signing_key: SigningKey, signed_at: str | None = None) -> Json:
    """Fill in the signature headers of a Lambda event, whatever their case; absent ones stay absent."""
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    signature = sign(raw, signing_key, signed_at or str(int(time.time())))
    headers = {name: signature.get(name.lower(), value) for name, value in event["headers"].items()}
    return {**event, "headers": headers}


def _request(headers: Headers, path: str) -> Request:
    known = {"host": "abcdefg.lambda-url.eu-west-1.on.aws", "x-forwarded-proto": "https", **headers}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in known.items()],
        "client": ("203.0.113.7", 443),
    }
    return Request(scope)
