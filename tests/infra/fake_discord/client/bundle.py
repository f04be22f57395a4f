"""A bundle that answers what a test tells it, and what the tests of the client send and press."""

import json
from typing import Any

from nacl.signing import SigningKey

from infra.fake_discord.contract import Json
from infra.fake_discord.delivery import Headers
from infra.fake_discord.resources.messages import new_message

KEY = SigningKey(bytes(range(32)))
APPLICATION, GUILD, CHANNEL, ROLE = "775799577604522054", "772904309264089089", "772908445358620702", "7"
NOW = 1_800_000_000.5


def option(kind: int, name: str, **more: Any) -> Json:
    return {"type": kind, "name": name, "description": name, **more}


COMMANDS: list[Json] = [
    {"id": "11", "name": "daily", "description": "Check in"},
    {"id": "12", "name": "claim", "description": "Claim", "options": [option(3, "event", autocomplete=True)]},
    {
        "id": "13",
        "name": "drop",
        "description": "Drops",
        "options": [
            option(
                1,
                "create",
                options=[
                    option(3, "event", required=True, autocomplete=True),
                    option(4, "max-claims"),
                    option(7, "channel"),
                    option(3, "brand_id"),
                ],
            ),
            option(1, "list"),
        ],
    },
    {
        "id": "14",
        "name": "config",
        "description": "Settings",
        "options": [
            option(
                2,
                "member",
                options=[
                    option(
                        1,
                        "disable",
                        options=[option(6, "member", required=True), option(8, "role"), option(9, "who")],
                    ),
                ],
            ),
        ],
    },
    {
        "id": "15",
        "name": "leaderboard",
        "description": "Who leads",
        "options": [option(3, "period", choices=[{"name": "This week", "value": "week"}])],
    },
    {"id": "16", "name": "Make this a drop", "type": 3},
]
CLAIM = {"type": 2, "style": 1, "label": "Claim", "custom_id": "claim:1"}
OVER = {"type": 2, "style": 2, "label": "Over", "custom_id": "claim:2", "disabled": True}
ROW = {"type": 1, "components": [CLAIM, OVER]}
MODAL = {
    "custom_id": "drop:5",
    "title": "Make this a drop",
    "components": [
        {"type": 18, "label": "Event", "component": {"type": 4, "style": 1, "custom_id": "event-type"}},
        {
            "type": 18,
            "label": "Text",
            "component": {"type": 4, "style": 2, "custom_id": "text", "value": "Grab it", "required": False},
        },
        {"type": 10, "content": "It stays for a day."},
    ],
}


class Bundle:
    """Stands where the Lambda function stands: verifies, keeps what came, answers what it was told."""

    def __init__(self) -> None:
        self.reply: Any = {"type": 4, "data": {"content": "Hello"}}
        self.answer: tuple[int, Headers] = (200, {"Content-Type": "application/json"})
        self.sent: list[bytes] = []

    def __call__(self, headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        signed = headers["x-signature-timestamp"].encode() + body
        KEY.verify_key.verify(signed, bytes.fromhex(headers["x-signature-ed25519"]))
        self.sent.append(body)
        return *self.answer, json.dumps(self.reply).encode()


def posted() -> Json:
    author = {"id": APPLICATION, "username": "resonance"}
    return new_message(CHANNEL, author, {"content": "A drop", "components": [ROW]}, NOW)
