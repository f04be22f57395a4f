"""/drop create when Discord or the database is in trouble: the admin is told, and the schedule finishes it, once."""

import time
from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import BOB
from infra.local.runtime import Context
from shared import database
from shared.discord import rest
from shared.features.drops import posting
from shared.interactions import dispatch, interaction
from tests.clock import Clock
from tests.conftest import Surroundings
from tests.drops import Killed, Run, create, the_drop
from tests.proxy import Proxy, late, lost, nobody, silence
from tests.sql import Database

Json = dict[str, Any]


def assert_delayed(reply: Reply, db: Database) -> None:
    """The admin was told that the drop comes later, and it is kept."""
    assert reply.ephemeral
    assert "saved" in reply.text
    assert "no need to create it again" in reply.text
    drop = the_drop(db)
    assert (drop["message_id"], drop["ended_at"], drop["is_settled"]) == (None, None, False)


def assert_finished(client: Client, db: Database, discord: FakeDiscord, run_schedule: Run) -> None:
    """The schedule posts the drop once, remembers it, and members can claim it."""
    assert run_schedule()["rendered"] == 1
    (message,) = discord.messages(client.channel_id)
    drop = the_drop(db)
    assert drop["message_id"] == message["id"]
    assert drop["rendered_revision"] == drop["revision"]
    assert run_schedule()["rendered"] == 0
    assert len(discord.messages(client.channel_id)) == 1
    assert "You got" in client.click(message, "Claim", user=BOB).text
    db.assert_books_agree(client.guild_id)


# --- Discord refuses


@pytest.mark.parametrize(
    ("code", "said"), [(50001, "View Channel"), (50013, "Send Messages"), (10003, "no longer exists")]
)
def test_a_channel_that_refuses_closes_the_drop(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, code: int, said: str
) -> None:
    local_discord.forbid(server.channel_id, code)
    reply = create(server)
    assert reply.ephemeral
    assert said in reply.text
    assert f"<#{server.channel_id}>" in reply.text
    drop = the_drop(db)
    assert (drop["end_reason"], drop["is_settled"]) == ("not_posted", True)
    assert server.redeliver(reply).ephemeral
    local_discord.allow(server.channel_id)
    assert run_schedule()["rendered"] == 0
    assert local_discord.messages(server.channel_id) == []


def test_a_redelivered_create_of_a_drop_that_was_refused_posts_nothing(
    server: Client, db: Database, local_discord: FakeDiscord
) -> None:
    local_discord.forbid(server.channel_id)
    first = create(server)
    local_discord.allow(server.channel_id)
    again = server.redeliver(first)
    assert local_discord.messages(server.channel_id) == []
    assert "The drop is in" not in again.text
    assert the_drop(db)["end_reason"] == "not_posted"


# --- Discord is away


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_broken_discord_posts_it_later(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, status: int
) -> None:
    local_discord.fail(status)
    assert_delayed(create(server), db)
    assert local_discord.messages(server.channel_id) == []
    assert_finished(server, db, local_discord, run_schedule)


def test_an_answer_that_discord_loses_is_no_second_message(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(500, after=True)
    assert_delayed(create(server), db)
    assert len(local_discord.messages(server.channel_id)) == 1
    assert_finished(server, db, local_discord, run_schedule)


def test_a_connection_that_breaks_after_the_post_is_no_second_message(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, discord_proxy: Proxy
) -> None:
    discord_proxy.next(lost)
    assert_delayed(create(server), db)
    assert_finished(server, db, local_discord, run_schedule)


def test_a_click_on_a_message_that_we_do_not_know_yet_tells_us(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(500, after=True)
    create(server)
    (message,) = local_discord.messages(server.channel_id)
    assert "You got" in server.click(message, "Claim", user=BOB).text
    assert the_drop(db)["message_id"] == message["id"]
    assert run_schedule()["rendered"] == 1
    (shown,) = local_discord.messages(server.channel_id)
    assert "1 claim" in shown["embeds"][0]["description"]


def test_a_hanging_discord_posts_it_later(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    surroundings: Surroundings,
    run_schedule: Run,
    keys: Any,
    served_discord: Any,
) -> None:
    surroundings.hurry()
    with silence() as url:
        surroundings.set(DISCORD_API_URL=url)
        start = time.monotonic()
        assert_delayed(create(server), db)
        assert time.monotonic() - start < 3
    surroundings.hurry(2.5)
    surroundings.set(DISCORD_API_URL=served_discord[1])
    assert_finished(server, db, local_discord, run_schedule)


def test_no_discord_at_all_posts_it_later(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    surroundings: Surroundings,
    run_schedule: Run,
    served_discord: Any,
) -> None:
    surroundings.set(DISCORD_API_URL=nobody())
    assert_delayed(create(server), db)
    surroundings.set(DISCORD_API_URL=served_discord[1])
    assert_finished(server, db, local_discord, run_schedule)


def test_a_short_rate_limit_is_waited_for(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(429, retry_after=1)
    assert "The drop is in" in create(server).text
    assert len(local_discord.messages(server.channel_id)) == 1


def test_a_long_rate_limit_posts_it_later(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(429, retry_after=60)
    start = time.monotonic()
    assert_delayed(create(server), db)
    assert time.monotonic() - start < 3
    assert_finished(server, db, local_discord, run_schedule)


def test_a_drop_that_discord_did_not_take_for_minutes_is_given_up(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(500)
    create(server)
    db.run("update discord_drops set created_at = created_at - interval '6 minutes'")
    assert run_schedule()["rendered"] == 0  # a repeated nonce would make a second message now
    assert the_drop(db)["end_reason"] == "not_posted"


def test_a_redelivery_posts_what_the_first_delivery_could_not(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(500)
    first = create(server)
    assert "The drop is in" in server.redeliver(first).text
    assert run_schedule()["rendered"] == 0
    assert len(local_discord.messages(server.channel_id)) == 1


# --- The database goes away on the way


def test_a_message_that_we_could_not_write_down_is_no_failure(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    surroundings: Surroundings,
    rest_proxy: Proxy,
    run_schedule: Run,
) -> None:
    surroundings.hurry()
    rest_proxy.next(None, late(0.6))
    reply = create(server)
    assert len(local_discord.messages(server.channel_id)) == 1
    # The drop is there for everybody to see: to ask for another try would post a second one.
    assert dispatch.DATABASE_AWAY not in reply.text
    assert f"<#{server.channel_id}>" in reply.text


def test_a_drop_of_which_nobody_knows_is_not_to_be_created_again_blindly(
    server: Client, db: Database, surroundings: Surroundings, rest_proxy: Proxy
) -> None:
    surroundings.hurry()
    rest_proxy.next(late(0.6))
    reply = create(server)
    assert db.value("select count(*) from discord_drops") == 1
    assert reply.ephemeral
    assert reply.text == dispatch.DATABASE_AWAY_FOR_ADMINS  # to try again blindly would make a second drop


def test_slow_parts_do_not_add_up_to_more_than_discord_waits(
    server: Client, db: Database, local_discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_discord.forbid(server.channel_id)
    clock, rpc, timeouts = Clock(time.time()), database.rpc, []

    def slow(name: str, *, timeout: float, **arguments: Any) -> Any:
        timeouts.append(timeout)
        clock.advance(2.7)
        return rpc(name, timeout=timeout, **arguments)

    monkeypatch.setattr(interaction, "time", clock)
    monkeypatch.setattr(database, "rpc", slow)
    assert create(server).ephemeral
    first, second = timeouts
    assert 2 < first <= 2.4
    assert second == 0.3  # what is late already must not take all the time once more


# --- The process is killed on the way


def killed(*_: Any, **__: Any) -> Any:
    """Replaces the call during which the process is killed."""
    raise Killed


def test_a_process_killed_before_the_post(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rest.client(), "request", killed)
        with pytest.raises(Killed):
            create(server)
    assert the_drop(db)["message_id"] is None
    assert_finished(server, db, local_discord, run_schedule)


def test_a_process_killed_after_the_post(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(posting, "mark_rendered", killed)
        with pytest.raises(Killed):
            create(server)
    assert len(local_discord.messages(server.channel_id)) == 1
    assert_finished(server, db, local_discord, run_schedule)


def test_a_process_killed_while_the_database_works(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rpc = database.rpc

    def dies_after(name: str, **arguments: Any) -> Any:
        rpc(name, **arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(database, "rpc", dies_after)
        with pytest.raises(Killed):
            create(server)
    assert_finished(server, db, local_discord, run_schedule)


def test_the_schedule_leaves_a_command_its_time(
    server: Client, db: Database, local_discord: FakeDiscord, functions: Any
) -> None:
    local_discord.fail(500)
    create(server)
    counts = functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    assert counts["rendered"] == 0
    assert local_discord.messages(server.channel_id) == []
