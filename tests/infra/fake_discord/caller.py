"""Programs that call the fake Discord over HTTP, in this process."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from infra.fake_discord.contract import Json
from infra.fake_discord.fake import FakeDiscord

TOKEN = "a-token"
APPLICATION = "775799577604522054"
CHANNEL, OTHER_CHANNEL = "772908445358620702", "772908445358620703"
MEMBER = "167348773423415296"
MESSAGES = f"/channels/{CHANNEL}/messages"
COMMANDS = f"/applications/{APPLICATION}/commands"
DAILY = {"name": "daily", "description": "Check in"}
BUTTON = {"type": 2, "style": 1, "label": "Claim", "custom_id": "claim:1"}

INTERACTION: Json = {
    "id": "1400000000000000001",
    "application_id": APPLICATION,
    "type": 2,
    "token": "aW50ZXJhY3Rpb246one",
    "channel_id": CHANNEL,
    "member": {"user": {"id": MEMBER, "global_name": "Alice"}},
    "attachment_size_limit": 1000,
}
CALLBACK = f"/interactions/{INTERACTION['id']}/{INTERACTION['token']}/callback"
ORIGINAL = f"/webhooks/{APPLICATION}/{INTERACTION['token']}/messages/@original"
LATER = {"type": 5, "data": {"flags": 64}}


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def running(state: object, clock: Callable[[], float]) -> Iterator[FakeDiscord]:
    with closing(FakeDiscord(str(state), TOKEN, APPLICATION, clock=clock)) as discord:
        yield discord


class InProcess(httpx.BaseTransport):
    """Calls an application without a server between; any thread may."""

    def __init__(self, app: Starlette) -> None:
        self._asgi = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def http(discord: FakeDiscord, **headers: str) -> httpx.Client:
    known = {
        "Authorization": f"Bot {TOKEN}",
        "User-Agent": "DiscordBot (https://example.org, 1.0)",
        **headers,
    }
    return client(discord, "/api/v10", known)


def client(discord: FakeDiscord, root: str, headers: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(transport=InProcess(discord.app), base_url="http://127.0.0.1:8000" + root, headers=headers)


def post(bot: httpx.Client, content: str = "A drop", **more: Any) -> Json:
    answer = bot.post(MESSAGES, json={"content": content, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def error(answer: httpx.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["code"]
