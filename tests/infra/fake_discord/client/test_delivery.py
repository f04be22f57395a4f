"""The client over HTTP, beside stored events, and with replies that go over REST."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.contract import ContractError, Json
from infra.fake_discord.delivery import Headers, http_sender
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import BOB
from infra.local.server import HttpServer
from tests import EVENTS
from tests.infra.fake_discord.caller import TOKEN, http
from tests.infra.fake_discord.client.bundle import (
    APPLICATION,
    CHANNEL,
    COMMANDS,
    GUILD,
    KEY,
    MODAL,
    NOW,
    ROW,
    Bundle,
    posted,
)


def test_over_http(discord: Client) -> None:
    async def interactions(request: Request) -> Response:
        body = await request.body()
        signed = request.headers["x-signature-timestamp"].encode() + body
        KEY.verify_key.verify(signed, bytes.fromhex(request.headers["x-signature-ed25519"]))
        return JSONResponse({"type": 4, "data": {"content": json.loads(body)["data"]["name"]}})

    server = HttpServer(Starlette(routes=[Route("/interactions", interactions, methods=["POST"])]))
    server.start()
    try:
        reply = replace(discord, send=http_sender(f"{server.url}/interactions")).slash("daily")
    finally:
        server.stop()
    assert (reply.content, reply.headers["content-type"]) == ("daily", "application/json")


def submitted(discord: Client, bundle: Bundle) -> Reply:
    bundle.reply = {"type": 9, "data": MODAL}
    opened = discord.slash("daily")
    bundle.reply = {"type": 4, "data": {"content": "Done"}}
    return opened.submit(event_type="news")


def completed(discord: Client, bundle: Bundle) -> Reply:
    bundle.reply = {"type": 8, "data": {"choices": []}}
    return discord.autocomplete("claim", event="ne")


@pytest.mark.parametrize(
    ("name", "do"),
    [
        ("slash_command", lambda discord, _: discord.slash("daily")),
        ("button", lambda discord, _: discord.click(posted(), "Claim")),
        ("message_menu", lambda discord, _: discord.menu("Make this a drop", posted())),
        ("autocomplete", completed),
        ("modal_submit", submitted),
    ],
)
def test_the_client_and_the_stored_events_have_one_shape(
    discord: Client, bundle: Bundle, name: str, do: Callable[[Client, Bundle], Reply]
) -> None:
    stored = json.loads(json.loads((EVENTS[0].parent / f"{name}.json").read_text(encoding="utf-8"))["body"])
    sent = do(discord, bundle).interaction
    assert sent["type"] == stored["type"]
    for part in ("data", "member", "channel", "guild"):
        assert set(sent[part]) == set(stored[part])
    assert set(sent) == set(stored)


@pytest.fixture
def local_discord() -> Iterator[FakeDiscord]:
    with closing(FakeDiscord(":memory:", TOKEN, APPLICATION, clock=lambda: NOW)) as local:
        yield local


def over_rest(local_discord: FakeDiscord, reply: Json | None, body: bytes = b"") -> Client:
    """Members of a bundle that sends its replies to Discord over REST, and answers 202."""

    def send(headers: Headers, sent: bytes) -> tuple[int, Headers, bytes]:
        interaction = json.loads(sent)
        if reply:
            http(local_discord).post(f"/interactions/{interaction['id']}/{interaction['token']}/callback", json=reply)
        return 202, {}, body

    return Client(send, KEY, APPLICATION, GUILD, CHANNEL, COMMANDS, clock=lambda: NOW, discord=local_discord)


def test_a_reply_over_rest_reads_like_any_other(local_discord: FakeDiscord) -> None:
    data = {"content": "Look", "flags": 64, "components": [ROW]}
    reply = over_rest(local_discord, {"type": 4, "data": data}).slash("daily", user=BOB)
    assert (reply.status, reply.kind, reply.text, reply.ephemeral, reply.files) == (202, None, "Look", True, {})
    assert reply.message["interaction_metadata"]["user"]["id"] == BOB.id
    assert reply.click("Claim").text == "Look"


def test_a_202_without_a_reply_or_with_a_body_is_refused(local_discord: FakeDiscord) -> None:
    with pytest.raises(ContractError, match="no reply was sent"):
        over_rest(local_discord, None).slash("daily")
    with pytest.raises(ContractError, match="no body"):
        over_rest(local_discord, {"type": 5}, b"{}").slash("daily")
