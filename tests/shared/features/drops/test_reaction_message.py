"""/drop create of a message that is there, by its link or id."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE
from tests.drops import the_drop
from tests.shared.features.drops.forms import OTHER_CHANNEL
from tests.shared.features.drops.reaction_calls import link, no_drop, reacted, reaction
from tests.sql import Database

Json = dict[str, Any]


@pytest.mark.parametrize(
    "typed",
    [
        "{link}",
        " {link} ",
        "<{link}>",
        "{id}",
        "{channel}-{id}",
        "https://canary.discord.com/channels/{guild}/{channel}/{id}",
        "https://ptb.discordapp.com/channels/{guild}/{channel}/{id}/",
        "discord.com/channels/{guild}/{channel}/{id}",
    ],
)
def test_a_message_is_named_by_its_link_or_id(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, rpc_calls: list[str], typed: str
) -> None:
    place = {"guild": server.guild_id, "channel": server.channel_id, "id": said["id"], "link": link(server, said)}
    reply = reaction(server, message=typed.format(**place), reward=7)
    assert reply.ephemeral
    assert f"Whoever reacts with 🎉 to [that message]({link(server, said)})" in reply.text
    assert "**7 RSNC**" in reply.text
    assert rpc_calls == ["create_drop"]
    assert reacted(local_discord, said) == ["🎉"]
    assert [m["id"] for m in local_discord.messages(server.channel_id)] == [said["id"]]
    drop = the_drop(db)
    assert (drop["message_id"], drop["is_own_message"], drop["channel_id"]) == (said["id"], False, server.channel_id)


def test_a_message_of_the_chosen_channel(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    there = local_discord.say(OTHER_CHANNEL, "News!", ALICE.id)
    address = f"https://discord.com/channels/{server.guild_id}/{OTHER_CHANNEL}/{there['id']}"
    assert "Whoever reacts" in reaction(server, channel=OTHER_CHANNEL, message=address).text
    assert reacted(local_discord, there) == ["🎉"]
    assert the_drop(db)["channel_id"] == OTHER_CHANNEL


@pytest.mark.parametrize(
    ("typed", "said_of_it"),
    [
        (
            "https://discord.com/channels/{guild}/650000000000000001/7",
            "is in <#650000000000000001>: choose that channel",
        ),
        ("650000000000000001-7", "is in <#650000000000000001>: choose that channel"),
        ("https://discord.com/channels/1/{channel}/7", "is in another server"),
        ("https://discord.com/channels/@me/{channel}/7", "is in another server"),
        ("https://example.org/channels/{guild}/{channel}/7", "must be the link or the id of a message."),
        ("the one above", "must be the link or the id of a message."),
        ("x" * 201, "must have 200 characters or fewer."),
    ],
)
def test_a_link_to_elsewhere_is_named_as_a_mistake(
    server: Client, db: Database, rpc_calls: list[str], typed: str, said_of_it: str
) -> None:
    reply = reaction(server, message=typed.format(guild=server.guild_id, channel=server.channel_id))
    assert reply.ephemeral
    assert f"`message` {said_of_it}" in reply.text
    assert rpc_calls == []
    assert no_drop(db)


def test_a_redelivery_rewards_a_message_once(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord
) -> None:
    first = reaction(server, message=said["id"])
    assert server.redeliver(first).text == first.text
    assert db.value("select count(*) from discord_drops") == 1
    db.run("update discord_drops set ended_at = now(), end_reason = 'ended', is_settled = true")
    local_discord.requests.clear()
    assert server.redeliver(first).text == first.text
    assert list(local_discord.requests) == []


def test_a_second_drop_with_the_same_emoji_is_refused(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord
) -> None:
    reaction(server, message=said["id"])
    reply = reaction(server, message=link(server, said))
    assert "are rewarded already" in reply.text
    assert link(server, said) in reply.text
    assert db.value("select count(*) from discord_drops") == 1
    assert "Whoever reacts with 🎈" in reaction(server, message=said["id"], emoji="🎈").text
    assert reacted(local_discord, said) == ["🎉", "🎈"]
