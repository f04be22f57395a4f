"""expire_drops: what is due is closed, and every message that is behind is brought up to date once."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ALICE, BOB, CAROL
from shared.discord import rest
from shared.features.drops import message as drops
from tests.drops import edits, shown
from tests.functions.due_drops import NOTHING, Post, Run, add_due_drops, is_due
from tests.sql import Database

Json = dict[str, Any]


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
