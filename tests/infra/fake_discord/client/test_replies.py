"""Replies as a member reads them, and those that Discord would refuse."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.contract import ContractError, Json
from infra.fake_discord.members import ALICE, BOB, CAROL
from tests.infra.fake_discord.client.bundle import MODAL, ROW, Bundle, posted


def test_a_reply_reads_like_a_message(discord: Client, bundle: Bundle) -> None:
    embed = {
        "author": {"name": "Shop"},
        "title": "Drop",
        "description": "Be quick",
        "fields": [{"name": "Pays", "value": "5 RSNC"}],
        "footer": {"text": "until noon"},
    }
    bundle.reply = {
        "type": 4,
        "data": {"content": "Look", "embeds": [embed], "components": [ROW], "flags": 64},
    }
    reply = discord.slash("daily")
    assert (reply.kind, reply.status, reply.content, reply.ephemeral) == (4, 200, "Look", True)
    assert reply.text.splitlines() == ["Look", "Shop", "Drop", "Be quick", "Pays", "5 RSNC", "until noon"]
    assert (reply.embeds, reply.components) == ([embed], [ROW])


def test_a_chain_of_clicks(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 4, "data": {"content": "One", "components": [ROW]}}
    first = discord.slash("daily", user=BOB)
    bundle.reply = {"type": 7, "data": {"content": "Two"}}
    second = first.click("Claim")
    assert second.interaction["member"]["user"]["id"] == BOB.id
    assert (second.message["id"], second.message["content"]) == (first.message["id"], "Two")
    assert second.click("Claim", user=CAROL).interaction["message"] == second.message


def test_an_error_is_no_reply(discord: Client, bundle: Bundle) -> None:
    bundle.answer, bundle.reply = (401, {}), {"anything": "else"}
    reply = discord.slash("daily")
    assert (reply.status, reply.kind) == (401, None)


def test_a_reply_that_discord_refuses_raises(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 4, "data": {"content": "x" * 2001}}
    with pytest.raises(ContractError, match=r"data\.content"):
        discord.slash("daily")


def test_a_lenient_client_returns_what_discord_refuses(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 4, "data": {"content": "x" * 2001}}
    reply = replace(discord, strict=False).slash("daily")
    assert reply.json == bundle.reply
    with pytest.raises(ContractError, match=r"data\.content"):
        reply.check()


@pytest.mark.parametrize(
    ("ask", "reply"),
    [
        (lambda discord: discord.ping(), {"type": 4, "data": {"content": "x"}}),
        (lambda discord: discord.slash("daily"), {"type": 7, "data": {"content": "x"}}),
        (lambda discord: discord.slash("daily"), {"type": 8, "data": {"choices": []}}),
        (lambda discord: discord.autocomplete("claim", event=""), {"type": 4, "data": {"content": "x"}}),
        (lambda discord: discord.click(posted(), "Claim"), {"type": 1}),
        (
            lambda discord: discord.interact(5, {"custom_id": "x", "components": []}, ALICE),
            {"type": 9, "data": MODAL},
        ),
        (lambda discord: discord.interact(5, {"custom_id": "x", "components": []}, ALICE), {"type": 6}),
    ],
    ids=[
        "ping",
        "update without message",
        "choices",
        "autocomplete",
        "click",
        "modal on modal",
        "nothing to update",
    ],
)
def test_a_reply_of_the_wrong_kind_raises(
    discord: Client, bundle: Bundle, ask: Callable[[Client], object], reply: Json
) -> None:
    bundle.reply = reply
    with pytest.raises(ContractError, match="type"):
        ask(discord)


def test_a_reply_without_its_content_type_raises(discord: Client, bundle: Bundle) -> None:
    bundle.answer = (200, {"content-type": "text/plain"})
    with pytest.raises(ContractError, match="Content-Type"):
        discord.slash("daily")
