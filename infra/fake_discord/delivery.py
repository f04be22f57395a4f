"""How an interaction reaches the bundle: signed, over HTTP or straight into a Lambda handler."""

import base64
import time
from collections.abc import Callable
from typing import Any

import httpx
from nacl.signing import SigningKey
from starlette.requests import Request

from infra.fake_discord.contract import Json
from infra.local.gateway import function_url_event

Headers = dict[str, str]
Send = Callable[[Headers, bytes], tuple[int, Headers, bytes]]


def sign(body: bytes, signing_key: SigningKey, signed_at: str) -> Headers:
    """The two headers that prove that a body came from Discord."""
    signature = signing_key.sign(signed_at.encode() + body).signature
    return {"x-signature-ed25519": signature.hex(), "x-signature-timestamp": signed_at}


def sign_event(event: Json, signing_key: SigningKey, signed_at: str | None = None) -> Json:
    """A Lambda event with its signature headers, however spelled, filled in; absent ones stay absent."""
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    signature = sign(raw, signing_key, signed_at or str(int(time.time())))
    headers = {name: signature.get(name.lower(), value) for name, value in event["headers"].items()}
    return {**event, "headers": headers}


def http_sender(interactions_url: str) -> Send:
    """Deliver over HTTP."""
    # Without TLS there is nothing to verify, and loading the certificates costs 20 ms a call.
    verify = interactions_url.startswith("https:")

    def send(headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        response = httpx.post(interactions_url, headers=headers, content=body, timeout=60, verify=verify)
        return response.status_code, dict(response.headers), response.content

    return send


def lambda_sender(handler: Callable[[Json, Any], Json], context_factory: Callable[[], Any]) -> Send:
    """Deliver straight into a Lambda handler, as a Function URL would."""

    def send(headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        result = handler(function_url_event(_request(headers), body), context_factory())
        text = result.get("body") or ""
        raw = base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
        return result["statusCode"], result.get("headers") or {}, raw

    return send


def _request(headers: Headers) -> Request:
    known = {"host": "abcdefg.lambda-url.eu-west-1.on.aws", "x-forwarded-proto": "https", **headers}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in known.items()],
        "client": ("203.0.113.7", 443),
    }
    return Request(scope)
