"""Events over HTTP: does the address refuse a bad signature, and does it know the key of a program?

The private key comes from the environment (EVENTS_SIGNING_KEY): an argument could be seen by others on this machine.
What is sent changes nothing: an item of no type is looked at only where the key is known, and is then invalid.
"""

import json
import os
import time
from collections.abc import Callable
from functools import partial

import httpx
from nacl.signing import SigningKey

from infra.doctor.check import Check, CheckError, Finding, failed, ok, once, warning

AREA = "Events"
KEY_VARIABLE = "EVENTS_SIGNING_KEY"
PATH = "v1/events"
SECONDS = 15.0  # a cold start, and a call of the database
NO_SERVER = "0"
ITEM = {"id": "doctor", "type": "none"}

_LOOK_AT_LOGS = "Look at the log of EventsFunction."
_NOT_VERIFIED = "Signatures are not verified: anybody can send events. Is this URL that of this release's function?"
_REMEDIES = {
    200: _NOT_VERIFIED,
    403: "The Function URL may not invoke the function: deploy with `sam deploy`, which adds both permissions.",
    404: "This is not the function's URL: compare it with the stack's output EventsUrl.",
    422: _NOT_VERIFIED,  # it has read the body, which is no batch
    429: "The function has no concurrency left: look at EventConcurrency and at the account's limit.",
    502: f"The function does not start or fails. {_LOOK_AT_LOGS}",
    503: "The database does not answer, or is behind this release: see the checks of Supabase.",
}


def checks(find_url: Callable[[], str], guild_id: str | None) -> list[Check]:
    """All checks of this area."""
    url = once(find_url)
    return [
        Check(AREA, "signatures", lambda: _signatures(url())),
        Check(AREA, "key", lambda: _key(url(), guild_id)),
    ]


def without_url() -> Check:
    """The one check of this area if nothing says where the address is."""
    return Check(AREA, "signatures", partial(warning, "No address was asked.", "Name the stack, or --events-url URL."))


def _signatures(url: str) -> Finding:
    """A signature of a key that nobody knows, over another body than is sent."""
    key = SigningKey.generate()
    status = _post(url, b"{}", _headers(key, b"[]")).status_code
    if status == httpx.codes.UNAUTHORIZED:
        return ok(f"{url} answers a wrong signature with 401.")
    return failed(f"A wrong signature is answered with {status}, it must be 401.", _REMEDIES.get(status, _LOOK_AT_LOGS))


def _key(url: str, guild_id: str | None) -> Finding:
    given = os.environ.get(KEY_VARIABLE, "")
    if not given:
        return warning("No key of a program was tried.", f"To try one, put its private key into {KEY_VARIABLE}.")
    key = _signing_key(given)
    server = guild_id or NO_SERVER
    body = json.dumps({"server_id": server, "items": [ITEM]}).encode()
    status = _post(url, body, _headers(key, body)).status_code
    name = f"The key {key.verify_key.encode().hex()[:8]}…"
    if status == httpx.codes.OK:
        return ok(f"{name} may send events of {f'the server {server}' if guild_id else 'any server'}.")
    if status != httpx.codes.UNAUTHORIZED:
        return failed(f"A well-signed batch is answered with {status}.", _REMEDIES.get(status, _LOOK_AT_LOGS))
    if guild_id:
        return failed(f"{name} is not known for the server {server}.", _HOW_TO_ADD)
    return failed(
        f"{name} is none of the operator's.",
        f"A brand's is known for its servers alone: name one by --guild. {_HOW_TO_ADD}",
    )


_HOW_TO_ADD = "Add it to EventPublicKeys, or for a brand by python -m infra.deploy.brands program-key add."


def _signing_key(given: str) -> SigningKey:
    """The key of this hex. Raises CheckError."""
    try:
        return SigningKey(bytes.fromhex(given))
    except (ValueError, TypeError):
        raise CheckError(
            f"{KEY_VARIABLE} is no Ed25519 key of 64 hexadecimal digits.", "Give the private key."
        ) from None


def _headers(key: SigningKey, signed: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "X-Resonance-Key": key.verify_key.encode().hex(),
        "X-Signature-Ed25519": key.sign(timestamp.encode() + signed).signature.hex(),
        "X-Signature-Timestamp": timestamp,
    }


def _post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    try:
        return httpx.post(url, content=body, headers=headers, timeout=SECONDS)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise CheckError(
            f"{url} does not answer ({type(error).__name__}).", "Is the stack deployed, and is this its EventsUrl?"
        ) from None


def secrets() -> set[str]:
    """The secrets of this area, which must not be printed."""
    return {os.environ.get(KEY_VARIABLE, "")}
