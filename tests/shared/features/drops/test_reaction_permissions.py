"""What bot and member need for a reaction drop, named before anything is saved."""

from dataclasses import replace
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN
from infra.fake_discord.resources.servers import Channel
from tests.shared.features.drops.forms import EMBED, HISTORY, OTHER_CHANNEL, REACT, SEND, VIEW, lacking
from tests.shared.features.drops.reaction_calls import no_drop, reaction
from tests.sql import Database

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("permission", "name", "is_for_both"),
    [
        (VIEW, "View Channel", True),
        (HISTORY, "Read Message History", True),
        (REACT, "Add Reactions", True),
        (SEND, "Send Messages", False),
        (EMBED, "Embed Links", False),
    ],
)
def test_what_the_bot_lacks_is_named_before_anything_is_saved(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, permission: int, name: str, is_for_both: bool
) -> None:
    local_discord.requests.clear()
    before = db.contents()
    client = lacking(server, permission)
    assert f"I lack **{name}** there" in reaction(client).text
    if is_for_both:
        assert f"I lack **{name}** there" in reaction(client, message=said["id"]).text
    assert (db.contents(), list(local_discord.requests)) == (before, [])
    if not is_for_both:
        assert "Whoever reacts" in reaction(client, message=said["id"]).text


def test_everything_that_is_lacking_is_named_once(server: Client) -> None:
    text = reaction(lacking(server, VIEW, SEND, HISTORY, REACT)).text
    assert "**View Channel**, **Send Messages**, **Read Message History** and **Add Reactions**" in text


@pytest.mark.parametrize("message", [None, "7"])
def test_whoever_may_not_post_there_rewards_nothing_there(server: Client, db: Database, message: str | None) -> None:
    user = replace(ADMIN, permissions=1 << 5 | VIEW)
    reply = server.slash("drop create", event="news_tracker", type="reaction", message=message, user=user)
    assert "yourself" in reply.text
    assert "you lack **Send Messages**" in reply.text
    assert no_drop(db)


def test_the_chat_of_a_voice_channel_needs_connect(server: Client) -> None:
    voice = Channel(OTHER_CHANNEL, 2)
    assert "**Connect**" in reaction(server, channel=voice, message="7").text
