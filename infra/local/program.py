"""A program that sends batches of events, signed as docs/integrate.md says."""

import json
import time
from dataclasses import dataclass
from typing import Any

from nacl.signing import SigningKey

from infra.fake_discord.contract import Json
from infra.fake_discord.delivery import Headers, Send, sign

PATH = "/v1/events"


@dataclass(frozen=True)
class Answer:
    """What came back for a batch."""

    status: int
    headers: Headers
    body: Json

    @property
    def results(self) -> list[Json]:
        """One a sent item, in the same order."""
        results: list[Json] = self.body["results"]
        return results


@dataclass(frozen=True)
class Program:
    """Signs with one key and delivers by `send`."""

    key: SigningKey
    send: Send

    @classmethod
    def of(cls, key: str, send: Send) -> "Program":
        """A program with the private key of this hex."""
        return cls(SigningKey(bytes.fromhex(key)), send)

    @property
    def public_key(self) -> str:
        """The key that its signatures are verified with, in hex."""
        return self.key.verify_key.encode().hex()

    def sign(self, body: bytes) -> Headers:
        """The headers of a body."""
        known = {"content-type": "application/json", "x-resonance-key": self.public_key}
        return known | sign(body, self.key, str(int(time.time())))

    def post(self, server_id: str, *items: Any) -> Answer:
        """Send a batch."""
        body = json.dumps({"server_id": server_id, "items": items}).encode()
        return self.post_raw(body)

    def post_raw(self, body: bytes, **headers: str) -> Answer:
        """Send a body, with more headers or others."""
        given = self.sign(body) | {name.replace("_", "-"): value for name, value in headers.items()}
        status, answered, raw = self.send(given, body)
        return Answer(status, answered, json.loads(raw))
