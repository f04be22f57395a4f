"""How Discord delivers an interaction: signed, over HTTP."""

from collections.abc import Callable

import httpx
from nacl.signing import SigningKey

Headers = dict[str, str]
Send = Callable[[Headers, bytes], tuple[int, Headers, bytes]]


def sign(body: bytes, signing_key: SigningKey, signed_at: str) -> Headers:
    """The signature headers of a body."""
    signature = signing_key.sign(signed_at.encode() + body).signature
    return {"x-signature-ed25519": signature.hex(), "x-signature-timestamp": signed_at}


def http_sender(interactions_url: str) -> Send:
    """Deliver over HTTP."""
    # Without TLS there is nothing to verify, and loading the certificates costs 20 ms a call.
    verify = interactions_url.startswith("https:")

    def send(headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        response = httpx.post(interactions_url, headers=headers, content=body, timeout=60, verify=verify)
        return response.status_code, dict(response.headers), response.content

    return send
