"""A click brings the message of its drop up to date: one in five seconds, and never at its own cost."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL
from shared.features.drops import message as drops
from tests.drops import Run, create, edits, shown, the_drop
from tests.functions.due_drops import NOTHING
from tests.proxy import Proxy, broken, late
from tests.sql import Database

Json = dict[str, Any]


@pytest.fixture
def message(server: Client, local_discord: FakeDiscord) -> Json:
    """The message of a drop with room for three."""
    create(server, max_claims=3)
    (posted,) = local_discord.messages(server.channel_id)
    return posted


def five_seconds_pass(db: Database) -> None:
    """Let a click edit the message again."""
    db.run("update discord_drops set next_edit_at = now()")


def test_the_message_says_what_the_reply_says(
    server: Client, message: Json, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    assert "You are 1 of 3" in server.click(message, "Claim", user=BOB).text
    assert "1 of 3 claimed" in shown(local_discord, message)
    row = the_drop(db)
    assert row["rendered_revision"] == row["revision"]
    assert run_schedule() == NOTHING


def test_one_click_in_five_seconds_shows_what_all_have_claimed(
    server: Client, message: Json, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    server.click(message, "Claim", user=BOB)
    rpc_calls.clear()
    server.click(message, "Claim", user=CAROL)
    assert rpc_calls == ["claim_drop"]
    assert "1 of 3 claimed" in shown(local_discord, message)
    create(server, max_claims=9)  # another drop has a message of its own
    five_seconds_pass(db)
    server.click(message, "Claim", user=ALICE)
    assert "3 of 3 claimed" in shown(local_discord, message)


@pytest.mark.parametrize(("end", "label"), [("sold_out", "Sold out"), ("end", "Ended"), ("cancel", "Ended")])
def test_the_button_of_a_drop_that_is_over_says_so(
    server: Client, message: Json, db: Database, local_discord: FakeDiscord, end: str, label: str
) -> None:
    if end == "sold_out":
        for member in (ALICE, BOB, CAROL):  # at once: the last one shows the end, whoever was before
            server.click(message, "Claim", user=member)
    else:
        server.slash(f"drop {end}", drop=str(the_drop(db)["drop_id"]), user=ADMIN)
    assert shown(local_discord, message).endswith(f"\n{label}")
    assert the_drop(db)["is_settled"] is True


def test_the_end_is_shown_again_where_somebody_was_editing_at_that_moment(
    server: Client, message: Json, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    for member in (ALICE, BOB):
        server.click(message, "Claim", user=member)
    db.run("update discord_drops set render_after = now() + interval '2 minutes'")  # a run has it leased
    server.click(message, "Claim", user=CAROL)
    assert shown(local_discord, message).endswith("Sold out")
    assert run_schedule() == NOTHING | {"rendered": 1}
    assert the_drop(db)["is_settled"] is True


def test_no_click_edits_what_somebody_else_is_editing(
    server: Client, message: Json, db: Database, local_discord: FakeDiscord
) -> None:
    db.run("update discord_drops set render_after = now() + interval '2 minutes'")
    server.click(message, "Claim", user=BOB)
    assert edits(local_discord, server.channel_id) == []


def test_a_click_that_is_late_already_leaves_the_message_to_the_schedule(
    server: Client,
    message: Json,
    local_discord: FakeDiscord,
    rpc_calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    run_schedule: Run,
) -> None:
    rpc_calls.clear()
    monkeypatch.setattr(drops, "SHOW_SECONDS", 10)
    assert "You are 1 of 3" in server.click(message, "Claim", user=BOB).text
    assert rpc_calls == ["claim_drop"]
    assert edits(local_discord, server.channel_id) == []
    assert run_schedule() == NOTHING | {"rendered": 1}


@pytest.mark.parametrize("trouble", [broken(500), broken(429, '{"message": "x", "retry_after": 9}'), late(4)])
def test_a_discord_that_fails_costs_the_member_nothing(
    server: Client, message: Json, db: Database, discord_proxy: Proxy, run_schedule: Run, trouble: Any
) -> None:
    discord_proxy.next(trouble)
    assert "You are 1 of 3" in server.click(message, "Claim", user=BOB).text
    db.run("update discord_drops set render_after = now() - interval '1 second'")  # the lease ends by itself
    assert run_schedule()["rendered"] == 1


def test_a_message_that_is_gone_closes_its_drop(
    server: Client, message: Json, db: Database, local_discord: FakeDiscord
) -> None:
    local_discord.delete_message(server.channel_id, message["id"])
    assert "You are 1 of 3" in server.click(message, "Claim", user=BOB).text
    assert the_drop(db)["end_reason"] == "message_deleted"
    db.assert_books_agree(server.guild_id)
