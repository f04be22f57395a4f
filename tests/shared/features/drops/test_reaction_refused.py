"""Reaction drops that Discord refuses when the bot reacts, or takes slowly."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE, BOB
from infra.local.runtime import Context
from shared.discord import rate_limits
from tests.conftest import Surroundings
from tests.drops import Run, retry_now, the_drop
from tests.proxy import silence
from tests.shared.features.drops.reaction_calls import reacted, reaction
from tests.sql import Database

Json = dict[str, Any]


# --- What shows only when one reacts


def undone(db: Database) -> bool:
    """Was the drop closed, with nothing left to collect?"""
    drop = the_drop(db)
    return (drop["end_reason"], drop["is_settled"], drop["is_collected"]) == ("not_posted", True, True)


REFUSALS = [
    (400, 10014, "knows no such emoji"),
    (400, 30010, "20 different reactions"),
    (403, 50021, "a message of its own"),
    (403, 90001, "has blocked me"),
    (404, 10008, "no such message"),
    (403, 50013, "Add Reactions"),
    (403, 50001, "cannot see that channel"),
    (400, 50083, "archived"),
    (400, 12345, "the error 12345"),
]


@pytest.mark.parametrize(("status", "code", "said_of_it"), REFUSALS)
def test_a_refusal_undoes_the_drop_of_a_message_that_is_there(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, status: int, code: int, said_of_it: str
) -> None:
    local_discord.fail(status, code, method="PUT")
    reply = reaction(server, message=said["id"])
    assert reply.ephemeral
    assert said_of_it in reply.text
    assert "has paid nothing" in reply.text
    assert undone(db)
    assert local_discord.message(said["id"]) == said
    again = server.redeliver(reply)
    assert "did not let me react" in again.text
    assert reacted(local_discord, said) == []
    assert "Whoever reacts" in reaction(server, message=said["id"]).text


@pytest.mark.parametrize(("status", "code", "said_of_it"), [each for each in REFUSALS if each[1] != 10008])
def test_a_refusal_deletes_our_own_message(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    run_schedule: Run,
    status: int,
    code: int,
    said_of_it: str,
) -> None:
    local_discord.fail(status, code, method="PUT")
    reply = reaction(server)
    assert said_of_it in reply.text
    assert undone(db)
    assert local_discord.messages(server.channel_id) == []
    run_schedule()
    assert local_discord.messages(server.channel_id) == []
    assert "refused the message before" in server.redeliver(reply).text


def test_a_message_that_cannot_be_deleted_says_that_it_is_over(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(400, 30010, method="PUT")
    local_discord.fail(500, method="DELETE")
    assert "20 different reactions" in reaction(server).text
    (message,) = local_discord.messages(server.channel_id)
    run_schedule()
    shown = local_discord.message(message["id"])["embeds"][0]["description"]
    assert shown == "This drop was closed before it was posted.\n0 claims"


def test_what_the_local_discord_refuses_itself(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    joined = local_discord.say(server.channel_id, "Bob is here.", BOB.id, type=7)
    assert "a message of its own" in reaction(server, message=joined["id"]).text
    assert "no such message" in reaction(server, message="630000000000000999").text
    local_discord.block(ALICE.id)
    by_alice = local_discord.say(server.channel_id, "Hi", ALICE.id)
    assert "has blocked me" in reaction(server, message=by_alice["id"]).text
    local_discord.unblock(ALICE.id)
    full = local_discord.say(server.channel_id, "Hi", BOB.id)
    for number in range(20):
        local_discord.react(server.channel_id, full["id"], chr(0x1F600 + number), BOB.id)
    assert "20 different reactions" in reaction(server, message=full["id"]).text
    assert db.value("select count(*) from discord_drops where ended_at is null") == 0


def test_a_channel_that_refuses_our_message_closes_the_drop(
    server: Client, db: Database, local_discord: FakeDiscord
) -> None:
    local_discord.forbid(server.channel_id, 50013)
    assert "Send Messages" in reaction(server).text
    assert undone(db)


# --- Discord is slow


@pytest.mark.parametrize("status", [500, 503])
def test_where_discord_is_slow_the_emoji_follows(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, status: int
) -> None:
    for message in (None, said["id"]):
        local_discord.fail(status, method="PUT")
        reply = reaction(server, message=message)
        assert reply.ephemeral
        assert "my 🎉 follows within a few minutes" in reply.text
        assert "no need to create it again" in reply.text
    drops = db.rows("select * from discord_drops order by is_own_message")
    assert [drop["ended_at"] for drop in drops] == [None, None]
    own = local_discord.messages(server.channel_id)[-1]
    assert [drop["message_id"] for drop in drops] == [said["id"], own["id"]]


def test_a_message_that_discord_did_not_take_comes_with_the_schedule(
    server: Client, db: Database, local_discord: FakeDiscord, functions: Any
) -> None:
    local_discord.fail(500, method="POST")
    assert "will appear" in reaction(server).text
    rate_limits.reset()
    retry_now(db)
    assert functions.expire_drops.handler({}, Context("expire_drops", "test", 55))["rendered"] == 1
    (message,) = local_discord.messages(server.channel_id)
    assert "React with 🎉" in message["embeds"][0]["description"]
    assert message["components"] == []


def test_no_answer_from_discord_is_told_in_time(
    server: Client, said: Json, db: Database, surroundings: Surroundings
) -> None:
    surroundings.hurry()
    with silence() as url:
        surroundings.set(DISCORD_API_URL=url)
        assert "follows within a few minutes" in reaction(server, message=said["id"]).text
    assert the_drop(db)["ended_at"] is None
