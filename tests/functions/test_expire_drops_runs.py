"""Runs of expire_drops: their time, several at once, and those that die."""

import json
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
from infra.fake_discord.members import BOB, CAROL
from infra.local.environment import Environments
from infra.local.keys import Keys
from infra.local.server import HttpServer
from shared.discord import rest
from tests.clock import Watch
from tests.drops import Killed, edits, kill_at_call, retry_now, shown
from tests.functions.due_drops import NOTHING, Post, Run, add_due_drops, is_due
from tests.proxy import Proxy
from tests.sql import NOON, Database

Json = dict[str, Any]


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
    with monkeypatch.context() as patch:
        kill_at_call(patch, "mark_drops_rendered")
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
