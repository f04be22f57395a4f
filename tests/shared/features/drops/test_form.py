"""Drops by a form, from a message's menu, and where the bot may not post."""

from datetime import timedelta
from typing import Any

import pytest

from infra.fake_discord.client import MODAL_SUBMIT, Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, BOB
from shared.interactions import dispatch
from tests.conftest import Surroundings
from tests.drops import the_drop
from tests.proxy import nobody
from tests.shared.features.drops.forms import OTHER_CHANNEL, add_events, chosen, fields
from tests.sql import Database

Json = dict[str, Any]


def test_create_without_an_event_asks(server: Client, rpc_calls: list[str]) -> None:
    form = server.slash("drop create", user=ADMIN)
    asked = fields(form)
    assert list(asked) == ["Event", "Lifespan", "Max claims", "Label", "Description"]
    assert [name for name, field in asked.items() if field["required"]] == ["Event"]
    assert chosen(asked["Lifespan"]) == ["1 day"]
    assert asked["Description"]["style"] == 2
    assert rpc_calls == ["list_events"]  # a modal must be the first answer: one call, which checks the level too


def test_the_events_that_are_on_are_chosen_from(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set is_enabled = false where event_type = 'welcome_bonus'")
    event = fields(server.slash("drop create", user=ADMIN))["Event"]
    assert [(option["label"], option["value"], option["description"]) for option in event["options"]] == [
        ("Daily check-in (daily_checkin)", "daily_checkin", "25 RSNC"),
        ("News tracker (news_tracker)", "news_tracker", "5 RSNC"),
        ("Regular engagement (regular_engagement)", "regular_engagement", "10 RSNC"),
    ]
    assert chosen(event) == []


@pytest.mark.parametrize(("more", "kind"), [(21, 3), (22, 4)])
def test_more_events_than_a_select_holds_are_typed(server: Client, more: int, kind: int) -> None:
    add_events(server, more)
    event = fields(server.slash("drop create", user=ADMIN))["Event"]
    assert event["type"] == kind
    assert len(event.get("options", [])) == (25 if kind == 3 else 0)


def test_where_there_is_no_event_the_form_says_so_when_it_is_sent(server: Client, db: Database) -> None:
    db.run("delete from monitoring_rules")
    form = server.slash("drop create", user=ADMIN)
    assert "There is none yet." in form.submit(event="news_tracker").text


def test_an_event_of_another_program_may_have_any_name(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set event_type = %s, label = %s where event_type = 'news_tracker'", "x" * 101, "N")
    db.run("update monitoring_rules set event_type = %s, label = %s where event_type = 'daily_checkin'", "y" * 100, "N")
    event = fields(server.slash("drop create", user=ADMIN))["Event"]
    assert [option["value"] for option in event["options"]] == ["regular_engagement", "welcome_bonus", "y" * 100]


def test_a_server_that_is_not_connected_opens_no_form(discord: Client) -> None:
    reply = discord.slash("drop create", user=ADMIN)
    assert (reply.kind, reply.ephemeral) == (4, True)
    assert "not connected" in reply.text


def test_while_the_database_is_away_the_event_is_typed(server: Client, surroundings: Surroundings) -> None:
    surroundings.hurry()
    surroundings.set(SUPABASE_REST_URL=nobody())
    form = server.slash("drop create", user=ADMIN)
    assert fields(form)["Event"]["type"] == 4


def test_the_form_posts_the_drop(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    form = server.slash("drop create", user=ADMIN)
    reply = form.submit(event="news_tracker", lifespan="30m", max_claims="3", label="Grab it", description="Be *quick*")
    assert reply.ephemeral
    assert "The drop is in" in reply.text
    drop = the_drop(db)
    assert (drop["max_claims"], drop["label"], drop["description"]) == (3, "Grab it", "Be *quick*")
    assert drop["expires_at"] - drop["created_at"] == timedelta(minutes=30)
    (message,) = local_discord.messages(server.channel_id)
    assert (drop["message_id"], drop["reply_to"]) == (message["id"], None)
    assert "You got" in server.click(message, "Grab it", user=BOB).text
    db.assert_books_agree(server.guild_id)


def test_what_was_given_with_the_command_stands_in_the_form(server: Client, db: Database) -> None:
    form = server.slash("drop create", max_claims=7, lifespan="90s", label="Mine", reward=77, user=ADMIN)
    asked = fields(form)
    assert [asked[name].get("value") for name in ("Max claims", "Label", "Description")] == ["7", "Mine", None]
    assert chosen(asked["Lifespan"]) == ["90 seconds"]
    form.submit(event="news_tracker")
    drop = the_drop(db)
    assert drop["expires_at"] - drop["created_at"] == timedelta(seconds=90)
    assert (drop["max_claims"], drop["label"], drop["reward_amount"]) == (7, "Mine", 77)


def test_what_is_left_empty_is_as_without_the_option(server: Client, db: Database) -> None:
    server.slash("drop create", user=ADMIN).submit(event="news_tracker", lifespan=[], max_claims=" ", label="  ")
    drop = the_drop(db)
    assert drop["expires_at"] - drop["created_at"] == timedelta(hours=24)
    assert (drop["max_claims"], drop["label"], drop["reward_amount"]) == (None, None, None)


@pytest.mark.parametrize("typed", ["news_tracker", " news_tracker ", "News tracker", "NEWS TRACKER", "News_Tracker"])
def test_an_event_may_be_written_as_people_call_it(server: Client, db: Database, typed: str) -> None:
    add_events(server, 22)
    assert "The drop is in" in server.slash("drop create", user=ADMIN).submit(event=typed).text
    assert the_drop(db)["event_id"] == "news_tracker"


def test_an_event_that_there_is_not_names_those_that_there_are(server: Client, db: Database) -> None:
    add_events(server, 22, "other")
    reply = server.slash("drop create", user=ADMIN).submit(event="nws")
    assert "There is no event `nws`" in reply.text
    assert "`news_tracker`, `other_00`" in reply.text
    assert db.rows("select * from discord_drops") == []


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({"max_claims": "many"}, "**Max claims** must be a whole number."),
        ({"max_claims": "0"}, "**Max claims** must be 1 or more."),
        ({"max_claims": "1000001"}, "**Max claims** must be 1,000,000 or less."),
        ({"label": "x" * 81}, "**Label** must have 80 characters or fewer."),
        ({"label": "\x00"}, "**Label** has a character that cannot be kept."),
    ],
)
def test_a_field_that_cannot_be_is_explained(server: Client, db: Database, written: dict[str, Any], named: str) -> None:
    reply = server.slash("drop create", user=ADMIN).submit(**{"event": "news_tracker"} | written)
    assert reply.ephemeral
    assert reply.content == f"Nothing has changed. Please check:\n{named}"
    assert db.rows("select * from discord_drops") == []


def test_a_form_that_is_delivered_twice_posts_once(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    first = server.slash("drop create", user=ADMIN).submit(event="news_tracker")
    assert server.redeliver(first).body == first.body
    assert len(local_discord.messages(server.channel_id)) == 1
    assert db.value("select count(*) from discord_drops") == 1


def test_another_channel_needs_the_event_with_the_command(server: Client, db: Database) -> None:
    reply = server.slash("drop create", channel=OTHER_CHANNEL, user=ADMIN)
    assert "Choose `event` too" in reply.text
    assert db.rows("select * from discord_drops") == []


@pytest.mark.parametrize(
    "custom_id",
    ["drop", "drop:", "drop:x:", "drop:1:0", "drop:1:10001", "drop:1:many", "drop:1:2:3", "drop:\x00:", "nothing:1:2"],
)
def test_a_form_made_by_hand_posts_nothing(server: Client, db: Database, custom_id: str) -> None:
    component = {"type": 4, "id": 2, "custom_id": "event", "value": "news_tracker"}
    data = {"custom_id": custom_id, "components": [{"type": 18, "id": 1, "component": component}]}
    reply = server.interact(MODAL_SUBMIT, data, ADMIN)
    assert reply.ephemeral
    assert reply.text == dispatch.UNKNOWN_FORM
    assert db.rows("select * from discord_drops") == []


ODD_COMPONENTS: list[Any] = [
    [],
    [{}],
    [{"type": 1, "components": [{"type": 4, "custom_id": "event", "value": "news_tracker"}]}],
    [{"type": 18, "component": {"type": 4, "custom_id": "event"}}],
    [{"type": 18, "component": {"type": 4, "custom_id": "odd", "value": "x"}}],
    [{"type": 18, "component": {"type": 4, "custom_id": "message_id", "value": "x"}}],
    [{"type": 18, "component": {"type": 3, "custom_id": "event", "values": []}}],
    [{"type": 18, "component": {"type": 3, "custom_id": "event", "values": ["no_such_event"]}}],
    [{"type": 18, "component": {"type": 3, "custom_id": "event", "values": "news_tracker"}}],
    [{"type": 18, "component": {"type": 3, "custom_id": "event", "values": [["news_tracker"]]}}],
    "components",
    [{"type": 18, "component": {"type": 4, "custom_id": "event", "value": {"a": 1}}}],
]


@pytest.mark.parametrize("components", ODD_COMPONENTS)
def test_odd_fields_are_answered_with_a_sentence(server: Client, db: Database, components: Any) -> None:
    reply = server.interact(MODAL_SUBMIT, {"custom_id": "drop::", "components": components}, ADMIN)
    assert reply.ephemeral
    assert reply.text.strip()
    assert reply.text != dispatch.OUR_FAULT
    assert db.rows("select * from discord_drops") == []


def test_a_form_needs_what_it_asks_for(server: Client) -> None:
    with pytest.raises(NotOfferedError, match="event"):
        server.slash("drop create", user=ADMIN).submit(lifespan="5m")
