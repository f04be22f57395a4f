"""expire_drops: what is due is closed and its message edited once, whatever Discord and the processes do."""

import json
import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ALICE, BOB, CAROL
from infra.local.environment import Environments
from infra.local.keys import Keys
from infra.local.server import HttpServer
from shared import database, scheduled
from shared.discord import rate_limits, rest
from shared.features.drops import message as drops
from tests.clock import Watch, discord_clock
from tests.conftest import Surroundings
from tests.drops import Killed, edits, retry_now, shown
from tests.functions.due_drops import NOTHING, Post, Run, counted, is_due
from tests.proxy import Proxy, nobody
from tests.sql import NOON, Database

Json = dict[str, Any]


# --- What it is for


def test_a_due_drop_is_closed_and_its_message_edited_once(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    message, permanent = post(), post(lifespan="permanent")
    db.run("update discord_drops set expires_at = now() - interval '1 second' where expires_at is not null")
    assert run() == NOTHING | {"expired": 1, "rendered": 1}
    assert "its time was up" in shown(local_discord, message)
    with pytest.raises(NotOfferedError):
        server.click(local_discord.message(message["id"]), "Claim", user=BOB)
    drop = db.one("select * from discord_drops where message_id = %s", message["id"])
    assert (drop["end_reason"], drop["is_settled"], drop["ended_at"]) == ("expired", True, drop["expires_at"])
    assert run() == NOTHING
    assert edits(local_discord, server.channel_id) == [200]
    assert local_discord.message(permanent["id"]) == permanent
    assert "You got" in server.click(permanent, "Claim", user=BOB).text


def test_nothing_to_do(db: Database, run: Run, rpc_calls: list[str]) -> None:
    assert run() == NOTHING
    assert rpc_calls == ["expire_drops"]


def test_the_counter_is_brought_up_to_date(server: Client, post: Post, local_discord: FakeDiscord, run: Run) -> None:
    message = post(max_claims=3)
    for member in (BOB, CAROL):  # the first one's click shows its claim, the other comes too soon after it
        server.click(message, "Claim", user=member)
    assert "1 of 3 claimed" in shown(local_discord, message)
    assert run() == NOTHING | {"rendered": 1}
    assert "2 of 3 claimed" in shown(local_discord, message)
    assert run() == NOTHING
    assert edits(local_discord, server.channel_id) == [200, 200]


def test_a_drop_that_is_sold_out_gets_its_end_shown(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    message = post(max_claims=1)
    local_discord.forbid(server.channel_id, 50001)  # the click could not show it
    server.click(message, "Claim", user=BOB)
    local_discord.allow(server.channel_id)
    db.run("update discord_drops set render_after = now()")
    assert run()["rendered"] == 1
    assert "every claim was taken" in shown(local_discord, message)


def test_what_the_portal_changes_is_shown(post: Post, db: Database, local_discord: FakeDiscord, run: Run) -> None:
    message = post(max_claims=3)
    db.run("update discord_drops set max_claims = 50, description = 'Now bigger'")
    assert run()["rendered"] == 1
    assert "Now bigger" in shown(local_discord, message)
    assert "0 of 50" in shown(local_discord, message)


def add_due_drops(db: Database, client: Client, number: int) -> None:
    """Due drops in ten channels whose messages are gone: one 404 settles each."""
    for place in range(number):
        db.add_drop(
            server_id=client.guild_id,
            event_id="news_tracker",
            channel_id=str(650_000_000_000_001_000 + place % 10),
            message_id=str(1_500_000_000_000_000_000 + place),
            rendered_revision=1,
            expires_at=NOON,
        )


def test_more_drops_than_one_call_hands_out(
    server: Client, db: Database, run: Run, rpc_calls: list[str], functions: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions.expire_drops, "RENDER_BATCH", 50)
    add_due_drops(db, server, 60)
    rpc_calls.clear()
    assert run() == NOTHING | {"expired": 60, "gone": 60}
    assert rpc_calls == ["expire_drops", "expire_drops", "mark_drops_rendered"]
    assert db.value("select count(*) from discord_drops where is_settled and end_reason = 'expired'") == 60


def test_one_drop_that_cannot_be_shown_keeps_no_other_from_being_shown(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, message = post(), post(max_claims=5)
    for member in (ALICE, BOB):
        server.click(message, "Claim", user=member)
    db.run("update discord_drops set title = 'x' where message_id = %s", broken["id"])
    message_request = drops.message_request

    def shows_all_but_one(drop: Json) -> rest.Request:
        return message_request(drop | ({"channel_id": NOWHERE} if drop["message_id"] == broken["id"] else {}))

    monkeypatch.setattr(drops, "message_request", shows_all_but_one)
    run.fails()
    assert "2 of 5" in shown(local_discord, message)


NOWHERE = "700/../../guilds/1/members/2?x="


def test_a_drop_from_before_whose_channel_is_no_id_is_let_go(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, run: Run
) -> None:
    broken, message = post(), post(max_claims=5)
    for member in (ALICE, BOB):
        server.click(message, "Claim", user=member)
    with db.without_triggers():
        db.run("update discord_drops set channel_id = %s where message_id = %s", NOWHERE, broken["id"])
    asked = len(local_discord.requests)
    assert run() == NOTHING | {"rendered": 1}
    assert "2 of 5" in shown(local_discord, message)
    assert "You got" in server.click(broken, "Claim", user=BOB).text
    is_due(db)
    assert run() == NOTHING | {"expired": 2, "rendered": 1}
    assert db.value("select bool_and(is_settled) from discord_drops")
    assert all("guilds" not in request.path for request in list(local_discord.requests)[asked:])


def test_a_drop_that_never_ends_is_shown(post: Post, db: Database, local_discord: FakeDiscord, run: Run) -> None:
    message = post()
    db.run("update discord_drops set expires_at = 'infinity'")
    assert run()["rendered"] == 1
    assert "ends in the far future" in shown(local_discord, message)


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


def test_the_alarm_sees_that_the_database_is_away(
    run: Run, surroundings: Surroundings, functions: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled, "CALL_SECONDS", 0.2)
    surroundings.set(SUPABASE_REST_URL=nobody())
    with pytest.raises(database.DatabaseUnavailableError):
        run()


# --- Time limits, concurrent runs, crashes


def test_it_does_not_begin_what_it_cannot_finish(due: Json, functions: Any, rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    assert functions.expire_drops.handler({}, Watch(5_000)) == NOTHING
    assert rpc_calls == []


def test_it_stops_between_two_messages_writes_down_the_first_and_gives_back_the_second(
    server: Client, post: Post, db: Database, local_discord: FakeDiscord, functions: Any, run: Run
) -> None:
    post()
    post()
    is_due(db)

    class NearlyOver:
        """A Lambda context whose time is nearly up once a message has been edited."""

        def get_remaining_time_in_millis(self) -> int:
            return 5_000 if edits(local_discord, server.channel_id) else 50_000

    assert functions.expire_drops.handler({}, NearlyOver()) == NOTHING | {"expired": 2, "rendered": 1}
    assert db.value("select count(*) from discord_drops where is_settled") == 1
    assert run() == NOTHING | {"rendered": 1}
    assert edits(local_discord, server.channel_id) == [200, 200]


def test_a_run_that_dies_before_the_edit_is_made_good_after_its_lease(
    server: Client,
    due: Json,
    db: Database,
    local_discord: FakeDiscord,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(rest, "send_now", dies)
        with pytest.raises(Killed):
            run()
    assert db.value("select end_reason from discord_drops") == "expired"
    assert run() == NOTHING
    wait = db.value("select render_after - now() from discord_drops")
    assert timedelta(seconds=90) < wait <= timedelta(minutes=2)
    retry_now(db)
    assert run() == NOTHING | {"rendered": 1}
    assert "its time was up" in shown(local_discord, due)


def test_a_run_that_dies_after_the_edit_edits_the_same_once_more(
    server: Client,
    due: Json,
    db: Database,
    local_discord: FakeDiscord,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rpc = database.rpc

    def dies(name: str, **arguments: Any) -> Any:
        if name == "mark_drops_rendered":
            raise Killed
        return rpc(name, **arguments)

    with monkeypatch.context() as patch:
        patch.setattr(database, "rpc", dies)
        with pytest.raises(Killed):
            run()
    before = local_discord.message(due["id"])
    retry_now(db)
    assert run() == NOTHING | {"rendered": 1}
    after = local_discord.message(due["id"])
    assert {**after, "edited_timestamp": None} == {**before, "edited_timestamp": None}


@pytest.fixture
def environments(functions: Any) -> Iterator[Environments]:
    """Two Lambda environments."""
    with two_environments() as two:
        yield two


@contextmanager
def two_environments(**variables: str) -> Iterator[Environments]:
    """Two Lambda environments with other variables than ours."""
    names = [name for name in os.environ if name.startswith(("SUPABASE_", "DISCORD_"))]
    with Environments(2, {name: os.environ[name] for name in names} | variables) as two:
        two.warm("functions.expire_drops.handler")
        yield two


def invoke(environments: Environments) -> Json:
    """What one run gives."""
    invocation = environments.invoke("functions.expire_drops.handler", {}, 55)
    assert invocation.error is None
    return dict(invocation.result)


def test_two_runs_at_once_edit_each_message_at_most_once(
    server: Client, db: Database, local_discord: FakeDiscord, environments: Environments
) -> None:
    add_due_drops(db, server, 60)
    local_discord.requests.clear()
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(invoke, [environments] * 2))
    assert sum(run["expired"] for run in runs) == 60
    assert sum(run["gone"] for run in runs) == 60
    edited = [request.path for request in local_discord.requests if request.method == "PATCH"]
    assert len(edited) == len(set(edited)) == 60
    assert db.value("select count(*) from discord_drops where is_settled") == 60


def test_two_runs_at_once_keep_the_limits_that_they_share(server: Client, db: Database, keys: Keys) -> None:
    far = FakeDiscord(":memory:", keys.bot_token, keys.application_id, global_limit=20, latency=0.02)
    discord_server = HttpServer(far.app)
    discord_server.start()

    def add_drops(number: int) -> None:
        for place in range(number):
            channel = str(650_000_000_000_002_000 + place)
            message = far.say(channel, "Open", keys.application_id)
            db.add_drop(channel_id=channel, message_id=message["id"], expires_at=NOON, rendered_revision=1)

    try:
        with (
            two_environments(DISCORD_API_URL=f"{discord_server.url}/api/v10") as two,
            ThreadPoolExecutor(2) as pool,
        ):
            add_drops(40)
            first = pool.submit(invoke, two)
            while not far.requests and not first.done():
                time.sleep(0.01)
            add_drops(20)  # for the other one, as the first has all that was there
            second = pool.submit(invoke, two)
            assert (first.result()["rendered"], second.result()["rendered"]) == (40, 20)
        edited = [request.path for request in far.requests if request.status == 200]
        assert len(edited) == len(set(edited)) == 60
        assert 0 < far.invalid_requests <= 60  # each learns of the other by its 429s, and waits
    finally:
        discord_server.stop()
        far.close()


def test_a_claim_during_the_edit_is_shown_by_the_next_run(
    server: Client,
    post: Post,
    local_discord: FakeDiscord,
    db: Database,
    run: Run,
    discord_proxy: Proxy,
) -> None:
    message = post(max_claims=5)
    for member in (BOB, CAROL):
        server.click(message, "Claim", user=member)
    discord_proxy.requests.clear()

    def claimed_meanwhile(request: Any, forward: Any) -> Any:
        db.run("update discord_drops set claims_count = claims_count + 1, revision = revision + 1")
        return forward(request)

    discord_proxy.next(claimed_meanwhile)
    # At most one edit per message and run, however busy the drop is.
    assert run()["rendered"] == 1
    assert run()["rendered"] == 1
    bodies = [json.loads(request.body) for request in discord_proxy.requests if request.method == "PATCH"]
    assert [body["embeds"][0]["description"].count("2 of 5") for body in bodies] == [1, 0]
    assert "3 of 5" in shown(local_discord, message)
