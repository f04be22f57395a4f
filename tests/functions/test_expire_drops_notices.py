"""expire_drops: what it tells a server's admins in their channel."""

import logging

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from tests.functions.due_drops import NOTHING, Post, Run, is_due
from tests.sql import Database

CHANNEL = "310000000000000077"


@pytest.fixture
def told(server: Client, run: Run, local_discord: FakeDiscord, db: Database) -> Client:
    """A server whose admins have a channel, and have been told so."""
    for message in local_discord.messages(CHANNEL):  # of the test before
        local_discord.delete_message(CHANNEL, message["id"])
    server.slash("config channels admin", user=ADMIN, channel=CHANNEL)
    run()
    assert "admin channel" in news(local_discord)[-1]
    db.run("delete from notified_servers")  # as if a minute had gone by
    return server


def news(discord: FakeDiscord) -> list[str]:
    """The messages in the admins' channel."""
    return [str(message["embeds"][0]["description"]) for message in discord.messages(CHANNEL)]


def test_a_minute_is_one_message(
    told: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run, rpc_calls: list[str]
) -> None:
    told.slash("reward give", user=ADMIN, member=BOB, event="news_tracker", reason="For the help")
    told.click(post(max_claims=1), "Claim", user=BOB)
    post()
    is_due(db)
    rpc_calls.clear()
    assert run()["expired"] == 1
    assert rpc_calls == ["expire_drops", "mark_drops_rendered", "lease_notices", "mark_notices"]
    _, text = news(local_discord)
    given, sold_out, expired = text.splitlines()
    assert f"<@{ADMIN.id}> gave <@{BOB.id}> 5 RSNC" in given
    assert "For the help" in given
    assert "every claim was taken. It paid 5 RSNC to 1 member." in sold_out
    assert "its time was up. It paid nobody." in expired
    assert local_discord.messages(CHANNEL)[-1]["mentions"] == []
    assert run() == NOTHING
    assert len(news(local_discord)) == 2


def test_a_channel_that_is_closed_loses_the_news_and_raises_no_alarm(
    told: Client, local_discord: FakeDiscord, run: Run, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    told.slash("reward give", user=ADMIN, member=BOB, event="news_tracker")
    local_discord.forbid(CHANNEL, 50001)
    with caplog.at_level(logging.INFO):
        assert run() == NOTHING
    assert db.rows("select * from admin_notices") == []
    (line,) = [record for record in caplog.records if record.message == "admins told"]
    assert vars(line)["told"] == 1


def test_discord_that_does_not_answer_is_asked_again(
    told: Client, local_discord: FakeDiscord, run: Run, db: Database
) -> None:
    told.slash("reward give", user=ADMIN, member=BOB, event="news_tracker")
    local_discord.fail(500, method="POST", path=f"/channels/{CHANNEL}/messages")
    assert run() == NOTHING
    assert len(news(local_discord)) == 1
    db.run("delete from notified_servers")
    assert run() == NOTHING
    assert len(news(local_discord)) == 2


def test_a_run_that_dies_after_sending_repeats_harmlessly(
    told: Client, local_discord: FakeDiscord, run: Run, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.slash("reward give", user=ADMIN, member=BOB, event="news_tracker")
    notices = db.rows("select * from admin_notices")
    run()
    with db.without_triggers():  # as if it had died before it could mark them
        for notice in notices:
            db.run(
                "insert into admin_notices overriding system value values (%s, %s, %s, %s, %s, %s)", *notice.values()
            )
        db.run("delete from notified_servers")
    run()
    assert len(news(local_discord)) == 2
