"""expire_drops and what happens every day, which is no alarm: archived threads, closed channels, limits of messages."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from shared.discord import rate_limits
from tests.drops import edits, retry_now, shown
from tests.functions.due_drops import NOTHING, Json, Post, Run, counted, is_due
from tests.sql import Database

TRIES = 5  # of a drop that is over, before its message is let go
OTHER_CHANNEL = "650000000000000001"


def assert_let_go_after_some_tries(db: Database, run: Run) -> None:
    """A drop that is over is tried a few times, is let go, and is asked for no more."""
    counts = []
    for _ in range(TRIES):
        retry_now(db)
        counts.append(run())
    assert [(each["refused"], each["failed"], each["let_go"]) for each in counts] == [(1, 0, 0)] * 4 + [(1, 0, 1)]
    assert db.one("select is_settled, end_reason from discord_drops") == {"is_settled": True, "end_reason": "expired"}
    retry_now(db)
    assert run() == NOTHING


def assert_heals_at_the_next_click(server: Client, message: Json, discord: FakeDiscord, db: Database) -> None:
    """The message still looks open, pays nobody, and is replaced."""
    assert "Press the button" in shown(discord, message)
    reply = server.click(message, "Claim", user=BOB)
    assert (reply.kind, "its time was up" in reply.text) == (7, True)
    assert db.value("select count(*) from reward_ledger") == 0


# --- Archived threads


def test_an_archived_thread_is_opened_and_its_message_edited(
    server: Client, due: Json, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    local_discord.archive(server.channel_id)
    assert run() == NOTHING | {"expired": 1, "rendered": 1}
    assert "its time was up" in shown(local_discord, due)
    assert db.value("select is_settled from discord_drops") is True
    assert run() == NOTHING
    assert edits(local_discord, server.channel_id) == [400, 200]


def test_a_thread_that_we_may_not_open_is_let_go_and_heals(
    server: Client, due: Json, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    local_discord.archive(server.channel_id, locked=True)
    assert_let_go_after_some_tries(db, run)
    local_discord.open(server.channel_id)
    assert_heals_at_the_next_click(server, due, local_discord, db)


def test_an_admin_who_ends_a_drop_in_an_archived_thread_is_told_that_the_message_follows(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    message = post()
    local_discord.archive(server.channel_id)
    drop_id = str(db.value("select drop_id from discord_drops"))
    assert "Its message follows within a few minutes." in server.slash("drop end", drop=drop_id, user=ADMIN).text
    retry_now(db)
    assert run() == NOTHING | {"rendered": 1}
    assert "ended by an admin" in shown(local_discord, message)


# --- Channels and servers that are closed


@pytest.mark.parametrize("code", [50001, 50013, 10004, 160005])
def test_a_closed_channel_is_let_go_after_some_tries_and_heals(
    server: Client,
    due: Json,
    db: Database,
    local_discord: FakeDiscord,
    run: Run,
    caplog: pytest.LogCaptureFixture,
    code: int,
) -> None:
    local_discord.forbid(server.channel_id, code)
    assert_let_go_after_some_tries(db, run)
    problems = [vars(record) for record in caplog.records if record.message == "message not rendered"]
    assert [(each["levelname"], str(code) in each["problem"]) for each in problems] == [("WARNING", True)] * TRIES
    local_discord.allow(server.channel_id)
    assert run() == NOTHING
    assert_heals_at_the_next_click(server, due, local_discord, db)


def test_a_bot_that_comes_back_goes_on(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    message = post(max_claims=20)
    local_discord.forbid(server.channel_id, 50001)
    server.click(message, "Claim", user=BOB)
    for attempts in range(1, 11):
        retry_now(db)
        assert run() == NOTHING | {"refused": 1}
        assert db.value("select render_attempts from discord_drops") == attempts
    assert db.value("select is_settled or ended_at is not null from discord_drops") is False  # open, so never let go
    assert db.value("select render_after - now() from discord_drops") > timedelta(hours=5)
    local_discord.allow(server.channel_id)
    retry_now(db)
    assert run() == NOTHING | {"rendered": 1}
    assert "1 of 20 claimed" in shown(local_discord, message)
    is_due(db)
    assert run() == NOTHING | {"expired": 1, "rendered": 1}


# --- Limits of messages


def test_a_limit_of_one_message_puts_that_one_off_and_shows_the_others(
    server: Client,
    post: Post,
    db: Database,
    local_discord: FakeDiscord,
    run: Run,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limits, "MESSAGE_PAUSE", 0.1)
    published, other, elsewhere = post(), post(), post(channel=OTHER_CHANNEL)
    is_due(db)
    limit: dict[str, Any] = {"code": 20028, "retry_after": 1163, "retry_after_header": 1, "scope": "shared"}
    local_discord.fail(429, **limit, path=f"*/{published['id']}", times=50)
    with caplog.at_level(logging.INFO):
        assert run() == NOTHING | {"expired": 3, "rendered": 2, "refused": 1}
    logged = counted(caplog)
    assert (logged["left"], logged["behind"], logged["invalid"]) == (0, 0, 0)
    for message in (other, elsewhere):
        assert "its time was up" in shown(local_discord, message)
    drop = db.one(
        "select is_settled, render_attempts, render_after - now() as wait from discord_drops where message_id = %s",
        published["id"],
    )
    assert (drop["is_settled"], drop["render_attempts"]) == (False, 1)
    assert timedelta(seconds=1100) < drop["wait"] <= timedelta(seconds=1163)
    assert run() == NOTHING  # not yet


def test_a_message_that_stays_limited_is_let_go_and_heals(
    server: Client, due: Json, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    local_discord.fail(429, code=20028, retry_after=1163, path=f"*/{due['id']}", times=50)
    assert_let_go_after_some_tries(db, run)
    assert_heals_at_the_next_click(server, due, local_discord, db)


def test_a_message_whose_limit_has_passed_is_shown(
    server: Client, due: Json, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    local_discord.fail(429, code=30046, retry_after=1163, path=f"*/{due['id']}", times=1)
    assert run() == NOTHING | {"expired": 1, "refused": 1}
    retry_now(db)
    rate_limits.reset()
    assert run() == NOTHING | {"rendered": 1}
    assert "its time was up" in shown(local_discord, due)
