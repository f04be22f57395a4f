"""expire_drops where Discord or the database is in trouble: the money is decided, and the messages follow."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import BOB, CAROL
from infra.local.keys import Keys
from shared.discord import rate_limits
from tests.clock import discord_clock
from tests.conftest import Surroundings
from tests.drops import edits, retry_now, shown
from tests.functions.due_drops import NOTHING, Post, Run, add_due_drops, counted, is_due
from tests.proxy import nobody
from tests.sql import Database

Json = dict[str, Any]


# --- Failures of Discord


def test_a_message_that_somebody_deleted_counts_as_closed(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    message = post(max_claims=3)
    for member in (BOB, CAROL):
        server.click(message, "Claim", user=member)
    local_discord.delete_message(server.channel_id, message["id"])
    assert run() == NOTHING | {"gone": 1}
    drop = db.one("select * from discord_drops")
    assert (drop["end_reason"], drop["is_settled"]) == ("message_deleted", True)
    assert db.value("select count(*) from reward_ledger") == 2
    assert run() == NOTHING
    assert edits(local_discord, server.channel_id) == [200, 404]


def test_a_channel_that_is_gone_counts_as_closed(
    server: Client, due: Json, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    local_discord.forbid(server.channel_id, 10003)
    assert run() == NOTHING | {"expired": 1, "gone": 1}
    assert db.one("select end_reason, is_settled from discord_drops") == {"end_reason": "expired", "is_settled": True}


def test_a_forbidden_channel_backs_off_and_the_others_are_shown(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    forbidden = post()
    other = post(channel="650000000000000001")
    is_due(db)
    local_discord.forbid(server.channel_id, 50001)
    assert run() == NOTHING | {"expired": 2, "rendered": 1, "refused": 1}  # no failure: admins do this every day
    assert "its time was up" in shown(local_discord, other)
    drop = db.one("select * from discord_drops where message_id = %s", forbidden["id"])
    assert (drop["end_reason"], drop["is_settled"], drop["render_attempts"]) == ("expired", False, 1)
    assert run() == NOTHING  # not yet
    assert edits(local_discord, server.channel_id) == [403]
    for attempts in (2, 3):
        retry_now(db)
        assert run() == NOTHING | {"refused": 1}
        assert db.value("select render_attempts from discord_drops where message_id = %s", forbidden["id"]) == attempts
    waits = db.value("select render_after - now() from discord_drops where message_id = %s", forbidden["id"])
    assert waits > timedelta(minutes=3)
    local_discord.allow(server.channel_id)
    retry_now(db)
    assert run()["rendered"] == 1
    assert "its time was up" in shown(local_discord, forbidden)


def test_a_forbidden_channel_is_asked_once_a_run(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    for _ in range(5):
        post()
    other = post(channel="650000000000000001")
    is_due(db)
    local_discord.forbid(server.channel_id)
    assert run() == NOTHING | {"expired": 6, "rendered": 1, "refused": 5}
    assert edits(local_discord, server.channel_id) == [403]
    assert "its time was up" in shown(local_discord, other)
    rows = db.rows("select render_attempts from discord_drops where channel_id = %s", server.channel_id)
    assert rows == [{"render_attempts": 1}] * 5


def test_a_message_of_somebody_else_keeps_no_other_of_its_channel_from_being_shown(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    message, mistaken, another = post(), post(), post()
    said = local_discord.say(server.channel_id, "Look at this", BOB.id)
    db.run("update discord_drops set message_id = %s where message_id = %s", said["id"], mistaken["id"])
    is_due(db)
    run.fails("1 message")
    assert sorted(edits(local_discord, server.channel_id)) == [200, 200, 403]
    for shown_one in (message, another):
        assert "its time was up" in shown(local_discord, shown_one)


def test_a_token_that_was_reset_stops_the_run_and_costs_nothing(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    surroundings: Surroundings,
    run: Run,
    keys: Keys,
    caplog: pytest.LogCaptureFixture,
) -> None:
    add_due_drops(db, server, 60)
    surroundings.set(DISCORD_BOT_TOKEN="reset")
    local_discord.requests.clear()
    with caplog.at_level(logging.INFO):
        run.fails("401")
    asked = len(local_discord.requests)
    assert 1 <= asked <= 5  # what was under way when the first answer came
    assert db.value("select count(*) from discord_drops where end_reason = 'expired' and render_attempts = 0") == 60
    logged = counted(caplog)
    assert (logged["left"], logged["invalid"]) == (60, asked)
    surroundings.set(DISCORD_BOT_TOKEN=keys.bot_token)
    assert run() == NOTHING | {"gone": 60}


def test_a_429_is_obeyed(
    server: Client,
    due: Json,
    local_discord: FakeDiscord,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    local_discord.fail(429, retry_after=3, method="PATCH")
    clock = discord_clock(monkeypatch)
    assert run() == NOTHING | {"expired": 1, "rendered": 1}
    assert clock.slept == [3]
    assert edits(local_discord, server.channel_id) == [429, 200]


def test_a_429_that_takes_too_long_is_tried_again_later(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    first, second = post(), post()
    is_due(db)
    local_discord.fail(429, retry_after=300, method="PATCH")
    run.fails("2 messages")
    assert edits(local_discord, server.channel_id) == [429]  # the second was not even asked
    rate_limits.reset()
    retry_now(db)
    assert run()["rendered"] == 2
    assert "its time was up" in shown(local_discord, first)
    assert "its time was up" in shown(local_discord, second)


def test_discord_is_down_and_the_drop_is_closed_all_the_same(
    server: Client,
    due: Json,
    db: Database,
    local_discord: FakeDiscord,
    run: Run,
    surroundings: Surroundings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    surroundings.set(DISCORD_API_URL=nobody())
    with caplog.at_level(logging.INFO):
        run.fails("1 message")
    assert db.value("select end_reason from discord_drops") == "expired"
    logged = counted(caplog)
    assert (logged["expired"], logged["failed"]) == (1, 1)
    reply = server.click(due, "Claim", user=BOB)
    assert reply.kind == 7
    assert "its time was up" in reply.text
    assert db.value("select count(*) from reward_ledger") == 0


# --- Failures of the database
