"""The bot that posts what none of its commands posts: every kind of component, embed and file that Discord has."""

import json
import time
from typing import Any

import httpx

from infra.fake_discord.contract import Json
from infra.fake_discord.members import ADMIN
from infra.fake_discord.resources.snowflakes import snowflake
from infra.local.stack import Stack
from tests.infra.playground.page.png import painted

GENERAL = "910000000000000011"
COMPONENTS_V2 = 1 << 15
FILE = "tide.png"
AWAY = "https://example.org/banner.png"

EMBED: Json = {
    "title": "Quest of the week",
    "url": "https://example.org/quest",
    "description": "Read the tide tables. **40 RSNC** for <@&930000000000000003>, see </drop list:1>.",
    "color": 0xF1C40F,
    "author": {"name": "Harbour Master", "url": "https://example.org", "icon_url": f"attachment://{FILE}"},
    "thumbnail": {"url": f"attachment://{FILE}"},
    "image": {"url": AWAY},
    "fields": [
        {"name": "Claimed", "value": "12 of 100", "inline": True},
        {"name": "Ends", "value": "<t:1900000000:R>", "inline": True},
        {"name": "Where", "value": f"<#{GENERAL}>", "inline": True},
        {"name": "How", "value": "Press the button once."},
    ],
    "footer": {"text": "Resonance", "icon_url": f"attachment://{FILE}"},
    "timestamp": "2030-03-17T17:46:40+00:00",
}
CLAIM = {"type": 2, "style": 3, "label": "Claim", "emoji": {"name": "🎁"}, "custom_id": "none:claim"}
TOPICS: Json = {
    "type": 3,
    "custom_id": "none:topic",
    "placeholder": "Choose a topic",
    "options": [
        {"label": "Drops", "value": "drops", "description": "Post and claim", "emoji": {"name": "🎁"}},
        {"label": "Streaks", "value": "streaks", "description": "Come back every day", "emoji": {"name": "🔥"}},
    ],
}
CONTAINER: Json = {
    "type": 17,
    "accent_color": 0x9B59B6,
    "components": [
        {
            "type": 9,
            "components": [
                {"type": 10, "content": "## Drop: the tide tables"},
                {"type": 10, "content": "Be quick: **40 RSNC** for each of the first hundred."},
            ],
            "accessory": {"type": 11, "media": {"url": f"attachment://{FILE}"}, "description": "The tide"},
        },
        {"type": 12, "items": [{"media": {"url": f"attachment://{FILE}"}, "description": "The harbour"}]},
        {"type": 14, "divider": True, "spacing": 2},
        {
            "type": 9,
            "components": [{"type": 10, "content": "-# 12 of 100 claimed"}],
            "accessory": {**CLAIM, "label": "Inside", "custom_id": "none:inside"},
        },
        {"type": 1, "components": [CLAIM]},
        {"type": 1, "components": [TOPICS]},
        {"type": 13, "file": {"url": f"attachment://{FILE}"}},
    ],
}


def row(*components: Json) -> Json:
    """A row of buttons, or with one select."""
    return {"type": 1, "components": list(components)}


class Bot:
    """Posts in #general of the first server; the fake Discord checks it all against Discord's description."""

    def __init__(self, stack: Stack) -> None:
        assert stack.discord is not None
        self._discord = stack.discord
        self._application_id = stack.keys.application_id
        headers = {
            "Authorization": f"Bot {stack.keys.bot_token}",
            "User-Agent": "DiscordBot (https://example.org, 1.0)",
        }
        self._http = httpx.Client(base_url=f"{stack.description.discord_url}/api/v10", headers=headers, timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def post(self, **body: Any) -> Json:
        """Post a message."""
        return dict(_checked(self._http.post(f"/channels/{GENERAL}/messages", json=body)).json())

    def delete(self, message: Json) -> None:
        """Delete a message."""
        _checked(self._http.delete(f"/channels/{GENERAL}/messages/{message['id']}"))

    def answer(self, name: str, content: bytes, content_type: str, /, **body: Any) -> Json:
        """Answer an interaction of a member with a file, and what names it."""
        interaction = {"id": snowflake(time.time()), "token": snowflake(time.time()), "channel_id": GENERAL, "type": 2}
        member = {"user": {"id": ADMIN.id, "global_name": ADMIN.name}}
        self._discord.issue({**interaction, "application_id": self._application_id, "member": member})
        callback = f"/interactions/{interaction['id']}/{interaction['token']}/callback"
        _checked(self._http.post(callback, json={"type": 5, "data": {"flags": body.get("flags", 0)}}))
        original = f"/webhooks/{self._application_id}/{interaction['token']}/messages/@original"
        files = {"files[0]": (name, content, content_type)}
        answer = self._http.patch(original, data={"payload_json": json.dumps(body)}, files=files)
        return dict(_checked(answer).json())

    def everything(self) -> None:
        """Post one of everything that the page draws."""
        self.post(content="Selects", components=[row({**TOPICS, "max_values": 2}), row(*selects()[:1])])
        self.answer(FILE, painted(320, 160), "image/png", content="", embeds=[EMBED], components=[row(CLAIM)])
        self.answer(FILE, painted(320, 160), "image/png", content="A picture, and <t:1900000000:F>")
        self.answer("rows.csv", b"a,b\n1,2\n", "text/csv", content="A file")
        self.answer(FILE, painted(320, 160), "image/png", flags=COMPONENTS_V2, components=[CONTAINER])


def selects() -> list[Json]:
    """One select of each type whose choices are the server's: members, roles, both, channels."""
    return [{"type": kind, "custom_id": f"none:{kind}"} for kind in (5, 6, 7, 8)]


def _checked(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text
    return answer
