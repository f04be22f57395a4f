"""The life of a drop after it was posted: /drop edit, end and cancel."""

import re
from typing import Any
from uuid import uuid4

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB, CAROL
from shared.features.drops import manage
from shared.features.drops import message as drop_message
from shared.features.drops.message import render
from tests.conftest import BRAND, Surroundings
from tests.drops import Run, admin, edits, shown, the_drop
from tests.functions.due_drops import NOTHING
from tests.proxy import Proxy, late, nobody, silence
from tests.sql import Database

Json = dict[str, Any]
COMMANDS = {"edit": {"label": "Take it"}, "end": {}, "cancel": {}}


# --- edit


def test_edit_changes_what_is_given_and_the_message_at_once(
    server: Client, message: Json, drop: str, local_discord: FakeDiscord, db: Database, run_schedule: Run
) -> None:
    before = the_drop(db)
    reply = admin(server, "edit", drop=drop, lifespan="30m", max_claims=20, label="Take it", description="More!")
    assert reply.ephemeral
    assert reply.text.startswith("The drop is changed:\n**News tracker** (Take it): 5 RSNC, 0 of 20 claimed, ends <t:")
    assert "follows" not in reply.text
    now = shown(local_discord, message)
    assert now.startswith("More!\n")
    assert "0 of 20 claimed" in now
    assert now.endswith("Take it")
    drop_now = the_drop(db)
    assert drop_now["expires_at"] < before["expires_at"]
    assert drop_now["rendered_revision"] == drop_now["revision"] > before["revision"]
    assert run_schedule() == NOTHING
    assert edits(local_discord, server.channel_id) == [200]
    assert "You got" in server.click(local_discord.message(message["id"]), "Take it", user=BOB).text


def test_edit_lifts_limits(server: Client, message: Json, drop: str, db: Database) -> None:
    reply = admin(server, "edit", drop=drop, lifespan="permanent", max_claims=-1)
    assert "0 claims, permanent" in reply.text
    assert (the_drop(db)["expires_at"], the_drop(db)["max_claims"]) == (None, None)


def test_edit_without_anything_shows_the_drop_as_it_is(
    server: Client, drop: str, local_discord: FakeDiscord, db: Database
) -> None:
    before = db.contents()
    reply = admin(server, "edit", drop=drop)
    assert "Nothing has changed" in reply.text
    assert "**News tracker**: 5 RSNC, 0 of 10 claimed" in reply.text
    assert db.contents() == before
    assert edits(local_discord, server.channel_id) == []


def test_a_limit_below_what_is_claimed_says_how_many_are(
    server: Client, message: Json, drop: str, db: Database
) -> None:
    for member in (BOB, CAROL):
        server.click(message, "Claim", user=member)
    before = db.contents()
    assert "2 claims" in admin(server, "edit", drop=drop, max_claims=1).text
    assert db.contents() == before


def test_a_limit_of_just_what_is_claimed_ends_the_drop(
    server: Client, message: Json, drop: str, local_discord: FakeDiscord, db: Database, run_schedule: Run
) -> None:
    server.click(message, "Claim", user=BOB)
    assert "has ended with that: every claim is taken, 1 of 1." in admin(server, "edit", drop=drop, max_claims=1).text
    assert "every claim was taken" in shown(local_discord, message)
    assert the_drop(db)["is_settled"] is True
    assert run_schedule() == NOTHING


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"lifespan": "soon"}, "`lifespan` must look like 90s"),
        ({"lifespan": "0s"}, "`lifespan` must be from 1s"),
        ({"lifespan": "-5m"}, "`lifespan` must look like 90s"),
        ({"lifespan": "169h"}, "to 168h"),
        ({"max_claims": 0}, "`max-claims` must be 1 or more, or -1"),
        ({"max_claims": -2}, "`max-claims` must be -1 or more."),
        ({"max_claims": 1_000_001}, "`max-claims` must be 1,000,000 or less."),
        ({"label": " "}, "`label` must not be empty."),
        ({"label": "x" * 81}, "`label` must have 80 characters or fewer."),
        ({"description": "x" * 1001}, "`description` must have 1,000 characters or fewer."),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    server: Client, drop: str, db: Database, option: Json, said: str
) -> None:
    before = db.contents()
    reply = admin(server, "edit", drop=drop, **option)
    assert reply.ephemeral
    assert said in reply.text
    assert db.contents() == before


# --- end and cancel


def test_end_closes_the_drop_with_its_result(
    server: Client, message: Json, drop: str, local_discord: FakeDiscord, db: Database, run_schedule: Run
) -> None:
    server.click(message, "Claim", user=BOB)
    reply = admin(server, "end", drop=drop)
    assert reply.ephemeral
    assert reply.text == "The drop **News tracker** has ended. It paid **5 RSNC** to 1 member."
    assert "ended by an admin.\n1 of 10 claimed" in shown(local_discord, message)
    assert local_discord.message(message["id"])["components"][0]["components"][0]["disabled"] is True
    assert the_drop(db)["is_settled"] is True
    assert run_schedule() == NOTHING
    assert edits(local_discord, server.channel_id) == [200, 200]  # the click's own, and the end


def test_cancel_closes_it_without_a_result_and_says_what_stays_paid(
    server: Client, message: Json, drop: str, local_discord: FakeDiscord, db: Database
) -> None:
    for member in (BOB, CAROL):
        server.click(message, "Claim", user=member)
    reply = admin(server, "cancel", drop=drop)
    assert reply.text == ("The drop **News tracker** is cancelled. What was paid stays paid: **10 RSNC** to 2 members.")
    assert "cancelled by an admin. What was paid stays paid." in shown(local_discord, message)
    assert "claimed" not in shown(local_discord, message)
    db.assert_books_agree(server.guild_id)


def test_what_has_paid_nothing_says_so(server: Client, message: Json, drop: str, local_discord: FakeDiscord) -> None:
    assert "It has paid nothing." in admin(server, "cancel", drop=drop).text
    admin(server, "create", event="news_tracker")
    another = server.autocomplete("drop end", user=ADMIN, drop="").choices[0]["value"]
    assert "It paid nothing." in admin(server, "end", drop=another).text


@pytest.mark.parametrize("command", ["end", "cancel"])
def test_an_old_copy_of_the_message_pays_nobody(
    server: Client, message: Json, drop: str, db: Database, command: str
) -> None:
    admin(server, command, drop=drop)
    assert "by an admin" in server.click(message, "Claim", user=BOB).text
    assert db.value("select count(*) from reward_ledger") == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_a_drop_that_is_over_says_how_and_when(server: Client, drop: str, db: Database, command: str) -> None:
    admin(server, "end", drop=drop)
    before = db.contents()
    reply = admin(server, command, drop=drop, **COMMANDS[command])
    assert re.search(r"over already. An admin ended it <t:\d+:R>\.", reply.text)
    assert db.contents() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_redelivery_is_answered_the_same_and_edits_nothing(
    server: Client, message: Json, drop: str, local_discord: FakeDiscord, db: Database, command: str
) -> None:
    first = admin(server, command, drop=drop, **COMMANDS[command])
    before = db.contents()
    assert server.redeliver(first).json == first.json
    assert db.contents() == before
    assert edits(local_discord, server.channel_id) == [200]


@pytest.mark.parametrize("command", COMMANDS)
def test_nobody_touches_a_drop_of_another_server(
    server: Client, drop: str, db: Database, local_discord: FakeDiscord, command: str
) -> None:
    with db.without_triggers():
        db.run("update discord_drops set server_id = '520000000000000001'")
    db.run("insert into discord_server_configs (server_id, brand_id) values ('520000000000000001', %s)", BRAND)
    before = db.contents()
    assert "no such drop in this server" in admin(server, command, drop=drop, **COMMANDS[command]).text
    assert server.autocomplete(f"drop {command}", user=ADMIN, drop="").choices == []
    assert "/drop create" in admin(server, "list").text
    assert db.contents() == before
    assert edits(local_discord, server.channel_id) == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("made_by_hand", ["News tracker", "1", "' or true --", "0" * 36, "x" * 6_000])
def test_what_is_no_drop_id_is_to_be_picked(
    server: Client, drop: str, db: Database, command: str, made_by_hand: str
) -> None:
    before = db.contents()
    reply = admin(server, command, drop=made_by_hand, **COMMANDS[command])
    assert reply.ephemeral
    assert reply.text.endswith("\nChoose a drop from the list.")
    assert db.contents() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_an_id_of_no_drop(server: Client, drop: str, command: str) -> None:
    assert "no such drop" in admin(server, command, drop=str(uuid4()).upper(), **COMMANDS[command]).text


# --- Discord is in trouble


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> str:
    """Each of the commands that change a message."""
    return str(request.param)


def change(client: Client, command: str, drop: str) -> Reply:
    """The command, as an admin gives it."""
    return admin(client, command, drop=drop, **COMMANDS[command])


def assert_follows(reply: Reply, db: Database, discord: FakeDiscord, run_schedule: Run, message: Json) -> None:
    """The admin was told that the message follows, and the schedule edits it, once."""
    assert reply.ephemeral
    assert reply.text.endswith("Its message follows within a few minutes.")
    assert the_drop(db)["rendered_revision"] < the_drop(db)["revision"]
    before = shown(discord, message)
    assert run_schedule() == NOTHING | {"rendered": 1}
    assert shown(discord, message) != before
    row = the_drop(db)
    assert (row["rendered_revision"], row["is_settled"]) == (row["revision"], row["ended_at"] is not None)
    assert run_schedule() == NOTHING


@pytest.mark.parametrize("status", [500, 503])
def test_a_broken_discord_shows_it_later(
    message: Json,
    drop: str,
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    run_schedule: Run,
    command: str,
    status: int,
) -> None:
    local_discord.fail(status, method="PATCH")
    assert_follows(change(server, command, drop), db, local_discord, run_schedule, message)


def test_a_long_rate_limit_shows_it_later(
    message: Json, drop: str, server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, command: str
) -> None:
    local_discord.fail(429, retry_after=60, method="PATCH")
    assert_follows(change(server, command, drop), db, local_discord, run_schedule, message)


def test_no_discord_at_all_shows_it_later(
    message: Json,
    drop: str,
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    run_schedule: Run,
    surroundings: Surroundings,
    served_discord: Any,
) -> None:
    surroundings.set(DISCORD_API_URL=nobody())
    reply = change(server, "end", drop)
    surroundings.set(DISCORD_API_URL=served_discord[1])
    assert_follows(reply, db, local_discord, run_schedule, message)


def test_a_hanging_discord_shows_it_later(
    message: Json,
    drop: str,
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    run_schedule: Run,
    surroundings: Surroundings,
    served_discord: Any,
) -> None:
    surroundings.hurry()
    with silence() as url:
        surroundings.set(DISCORD_API_URL=url)
        reply = change(server, "cancel", drop)
    surroundings.set(DISCORD_API_URL=served_discord[1])
    assert_follows(reply, db, local_discord, run_schedule, message)


def test_a_short_rate_limit_is_waited_for(message: Json, drop: str, server: Client, local_discord: FakeDiscord) -> None:
    local_discord.fail(429, retry_after=0.2, method="PATCH")
    assert "follows" not in change(server, "end", drop).text
    assert "ended by an admin" in shown(local_discord, message)


def test_a_missing_permission_is_named(
    message: Json, drop: str, server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, command: str
) -> None:
    local_discord.forbid(server.channel_id)
    assert "Discord did not let me change its message. I lack a permission" in change(server, command, drop).text
    local_discord.allow(server.channel_id)
    assert run_schedule() == NOTHING | {"rendered": 1}


def test_a_message_deleted_by_hand_closes_its_drop(
    message: Json, drop: str, server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, command: str
) -> None:
    local_discord.delete_message(server.channel_id, message["id"])
    reply = change(server, command, drop)
    assert "Its message has been deleted" in reply.text
    assert server.redeliver(reply).text.startswith(reply.text.split("\n")[0])
    row = the_drop(db)
    assert row["is_settled"] is True
    assert row["end_reason"] == {"edit": "message_deleted", "end": "ended", "cancel": "cancelled"}[command]
    assert run_schedule() == NOTHING
    assert server.click(message, "Claim", user=BOB).text != ""
    assert db.value("select count(*) from reward_ledger") == 0


def test_what_we_could_not_write_down_is_edited_once_more(
    message: Json,
    drop: str,
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    rest_proxy: Proxy,
    surroundings: Surroundings,
    run_schedule: Run,
) -> None:
    surroundings.hurry()
    rest_proxy.next(None, late(0.6))
    assert change(server, "end", drop).text.startswith("The drop **News tracker** has ended.")
    assert "ended by an admin" in shown(local_discord, message)
    run_schedule()
    assert the_drop(db)["is_settled"] is True


# --- Somebody else is at it


def test_while_another_edits_the_message_it_is_left_to_the_schedule(
    message: Json, drop: str, server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run, command: str
) -> None:
    db.run("update discord_drops set render_after = now() + interval '20 seconds'")
    reply = change(server, command, drop)
    assert edits(local_discord, server.channel_id) == []
    assert_follows(reply, db, local_discord, run_schedule, message)


def test_an_edit_that_another_admin_overtakes_ends_with_the_last_word(
    message: Json,
    drop: str,
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    run_schedule: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def overtaken(facts: Json) -> Json:
        monkeypatch.setattr(drop_message, "render", render)
        assert "follows within" in change(server, "end", drop).text
        return render(facts)

    monkeypatch.setattr(drop_message, "render", overtaken)
    assert "The drop is changed" in change(server, "edit", drop).text
    assert "Press the button" in shown(local_discord, message)
    assert run_schedule() == NOTHING | {"rendered": 1}
    assert "ended by an admin" in shown(local_discord, message)
    assert the_drop(db)["is_settled"] is True
    assert edits(local_discord, server.channel_id) == [200, 200]


def test_a_drop_that_waits_for_its_message_can_be_cancelled(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(500)
    admin(server, "create", event="news_tracker")
    assert "not posted yet" in admin(server, "list").text
    reply = admin(server, "cancel", drop=str(the_drop(db)["drop_id"]))
    assert reply.text.endswith("It has paid nothing.")
    assert run_schedule() == NOTHING
    assert local_discord.messages(server.channel_id) == []


# --- Words


def test_admins_are_told_every_way_to_end() -> None:
    assert set(manage.ENDED) == set(drop_message.ENDINGS)
