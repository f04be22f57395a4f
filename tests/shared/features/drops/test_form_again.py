"""A form of a drop that was sent in vain opens again as it was."""

from typing import Any

import pytest

from infra.fake_discord.client import COMPONENT, Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE
from shared.interactions import dispatch
from tests.drops import the_drop
from tests.shared.features.drops.forms import EMBED, MENU, add_events, chosen, fields, lacking
from tests.sql import Database

Json = dict[str, Any]


def texts(form: Reply) -> Json:
    """What stands in the text fields of a form, and what is chosen in its selects."""
    return {name: field.get("value") if field["type"] == 4 else chosen(field) for name, field in fields(form).items()}


def test_a_mistake_opens_the_form_again_as_it_was(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    written: Json = {
        "event": "news_tracker",
        "lifespan": "30m",
        "label": "Grab it",
        "description": "Be *quick*\n\n— Bob",
    }
    before = db.contents()
    mistake = server.slash("drop create", reward=77, user=ADMIN).submit(**written, max_claims="many")
    assert db.contents() == before
    form = mistake.click("Try again")
    assert texts(form) == {
        "Event": ["News tracker (news_tracker)"],
        "Lifespan": ["30 minutes"],
        "Max claims": "many",
        "Label": "Grab it",
        "Description": "Be *quick*\n\n— Bob",
    }
    done = form.submit(max_claims="3")
    assert (done.kind, done.message["id"]) == (7, mistake.message["id"])  # the mistake is no longer to be seen
    assert "The drop is in" in done.text
    assert (done.components, done.embeds) == ([], [])
    drop = the_drop(db)
    assert (drop["max_claims"], drop["label"], drop["reward_amount"]) == (3, "Grab it", 77)
    assert drop["description"] == "Be *quick*\n\n— Bob"


def test_a_mistake_may_follow_a_mistake(server: Client, db: Database) -> None:
    form = server.slash("drop create", user=ADMIN)
    reply = form.submit(event="news_tracker", max_claims="0", description="Kept")
    for problem in ("many", "1.5", "-1"):
        reply = reply.click("Try again").submit(max_claims=problem)
        assert "**Max claims** must be" in reply.content
    assert db.rows("select * from discord_drops") == []
    assert "The drop is in" in reply.click("Try again").submit(max_claims="").text
    assert the_drop(db)["description"] == "Kept"


def test_a_message_that_is_answered_stays_chosen(server: Client, said: Json, db: Database) -> None:
    mistake = server.menu(MENU, said, user=ADMIN).submit(event="news_tracker", max_claims="0")
    mistake.click("Try again").submit(max_claims="1")
    assert the_drop(db)["reply_to"] == said["id"]


def test_an_event_that_there_is_not_can_be_typed_again(server: Client, db: Database) -> None:
    add_events(server, 22)
    refused = server.slash("drop create", user=ADMIN).submit(event="nws", label="Grab it")
    form = refused.click("Try again")
    assert (texts(form)["Event"], texts(form)["Label"]) == ("nws", "Grab it")
    assert "The drop is in" in form.submit(event="News tracker").text


def test_what_was_written_waits_until_the_bot_may_post(server: Client, db: Database) -> None:
    refused = lacking(server, EMBED).slash("drop create", user=ADMIN).submit(event="news_tracker", label="Grab it")
    assert "I lack **Embed Links** there" in refused.content
    allowed = server.click(refused.message, "Try again", user=ADMIN)
    assert "The drop is in" in allowed.submit().text
    assert the_drop(db)["label"] == "Grab it"


def test_an_event_that_was_switched_off_meanwhile_is_no_longer_offered(server: Client, db: Database) -> None:
    form = server.slash("drop create", user=ADMIN)
    server.slash("config events toggle", name="news_tracker", user=ADMIN)
    again = form.submit(event="news_tracker", label="Grab it").click("Try again")
    assert (texts(again)["Event"], texts(again)["Label"]) == ([], "Grab it")
    assert "news_tracker" not in str(again.components)


def test_a_lost_level_opens_no_form(server: Client, rpc_calls: list[str]) -> None:
    mistake = server.slash("drop create", user=ADMIN).submit(event="news_tracker", max_claims="0")
    rpc_calls.clear()
    reply = mistake.click("Try again", user=ALICE)
    assert (reply.kind, reply.ephemeral) == (4, True)
    assert "needs the level **event manager**" in reply.text
    assert rpc_calls == ["list_events"]


def test_what_is_delivered_twice_is_answered_the_same(server: Client, db: Database) -> None:
    mistake = server.slash("drop create", user=ADMIN).submit(event="news_tracker", max_claims="0")
    form = mistake.click("Try again")
    done = form.submit(max_claims="1")
    for reply in (mistake, form, done):
        assert server.redeliver(reply).body == reply.body
    assert db.value("select count(*) from discord_drops") == 1


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"embeds": []},
        {"embeds": [{"title": "What you entered"}]},
        {"embeds": [{"fields": [{"name": "Event", "value": "x" * 6_000}, {"name": "Message id", "value": "1"}]}]},
        {"embeds": [{"fields": [{"name": "Max claims", "value": "\x00"}, {"name": "Reward", "value": "9"}]}]},
        {"embeds": [{"fields": [{"name": "Lifespan", "value": "169h"}, {"name": "Lifespan", "value": "soon"}]}]},
    ],
)
def test_a_message_made_by_hand_opens_a_form_that_discord_takes(server: Client, message: Json) -> None:
    pressed = {"component_type": 2, "custom_id": "again:drop::", "id": 2}
    form = server.interact(COMPONENT, pressed, ADMIN, message={"id": "1573450000000000002"} | message)
    assert (texts(form)["Event"], texts(form)["Lifespan"]) == ([], [])


@pytest.mark.parametrize("embeds", ["x", [1], [{"fields": "x"}], [{"fields": [{"name": 1}]}], None])
def test_a_message_that_cannot_be_is_a_sentence(server: Client, embeds: Any) -> None:
    pressed = {"component_type": 2, "custom_id": "again:drop::", "id": 2}
    message = {"id": "1573450000000000002", "embeds": embeds}
    assert server.interact(COMPONENT, pressed, ADMIN, message=message).text == dispatch.MALFORMED


@pytest.mark.parametrize("custom_id", ["again:", "again:drop", "again:drop:x:", "again:drop:1:0", "again:nothing:1"])
def test_a_button_made_by_hand_opens_no_form(server: Client, custom_id: str) -> None:
    pressed = {"component_type": 2, "custom_id": custom_id, "id": 2}
    reply = server.interact(COMPONENT, pressed, ADMIN, message={"id": "1573450000000000002"})
    assert reply.text == dispatch.UNKNOWN_BUTTON
