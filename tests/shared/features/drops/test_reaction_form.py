"""The forms of reaction drops, from the command and from the message menu."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN
from tests.drops import the_drop
from tests.shared.features.drops.forms import OTHER_CHANNEL, fields
from tests.shared.features.drops.reaction_calls import link, no_drop, reacted
from tests.sql import Database

Json = dict[str, Any]
MENU = "Reward reactions"


def test_without_an_event_a_form_asks(
    server: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    form = server.slash("drop create", type="reaction", emoji="🎈", reward=77, max_claims=3, user=ADMIN)
    asked = fields(form)
    assert list(asked) == ["Event", "Emoji", "Lifespan", "Max claims", "Description"]
    assert [asked[name].get("value") for name in asked] == [None, "🎈", None, "3", None]
    assert rpc_calls == ["list_events"]
    assert "The drop is in" in form.submit(event="news_tracker", description="Hi").text
    drop = the_drop(db)
    assert (drop["emoji"], drop["reward_amount"], drop["max_claims"], drop["description"]) == ("🎈", 77, 3, "Hi")
    assert reacted(local_discord, local_discord.messages(server.channel_id)[-1]) == ["🎈"]


def test_a_form_asks_for_the_event_of_a_message(server: Client, said: Json, db: Database) -> None:
    form = server.slash("drop create", type="reaction", message=link(server, said), reward=9, user=ADMIN)
    assert list(fields(form)) == ["Event", "Emoji", "Lifespan", "Max claims"]
    assert "Whoever reacts" in form.submit(event="news_tracker").text
    drop = the_drop(db)
    assert (drop["message_id"], drop["reward_amount"]) == (said["id"], 9)


def test_the_menu_of_a_message_rewards_its_reactions(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    form = server.menu(MENU, said, user=ADMIN)
    assert [field.get("value") for field in fields(form).values()] == [None, "🎉", None, None]
    assert rpc_calls == ["list_events"]
    reply = form.submit(event="news_tracker", emoji="🎈", lifespan="5m", max_claims="2")
    assert "Whoever reacts with 🎈" in reply.text
    assert server.redeliver(reply).text == reply.text
    drop = the_drop(db)
    assert (drop["message_id"], drop["emoji"], drop["max_claims"]) == (said["id"], "🎈", 2)
    assert reacted(local_discord, said) == ["🎈"]


@pytest.mark.parametrize("kind", [1, 7, 8, 18, 21, 24])
def test_the_menu_of_what_discord_says_itself_says_so(server: Client, said: Json, db: Database, kind: int) -> None:
    reply = server.menu(MENU, said | {"type": kind}, user=ADMIN)
    assert reply.ephemeral
    assert "Nobody can react to messages of that kind" in reply.text


def test_a_field_that_cannot_be_is_explained(server: Client, said: Json, db: Database) -> None:
    form = server.menu(MENU, said, user=ADMIN)
    mistake = form.submit(event="news_tracker", emoji=":party:", lifespan="5m")
    assert "**Emoji** must be one emoji" in mistake.text
    assert no_drop(db)
    again = mistake.click("Try again")
    assert fields(again)["Emoji"]["value"] == ":party:"
    assert "Whoever reacts with 🎈" in again.submit(emoji="🎈").text
    with pytest.raises(NotOfferedError, match="event"):
        form.submit()


def test_another_channel_needs_the_event_with_the_command(server: Client) -> None:
    reply = server.slash("drop create", type="reaction", channel=OTHER_CHANNEL, user=ADMIN)
    assert "Choose `event` too" in reply.text
