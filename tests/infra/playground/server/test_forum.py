"""A forum: what members write there opens posts, whose first messages the page shows."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.fake_discord.contract import Json
from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit


@pytest.fixture
def forum(visit: Visit) -> Iterator[Visit]:
    """The forum of the first server; its posts are deleted afterwards."""
    (forum_id,) = [here["id"] for here in visit.world["servers"][0]["channels"] if here["type"] == 15]
    forum = replace(visit, channel=forum_id)
    yield forum
    for message in forum.messages():
        forum.ask("/api/delete", channel=forum_id, message=message["id"])


def write(forum: Visit, content: str = "Let us sail\nwestwards") -> Json:
    return forum.ask("/api/say", as_=forum.member("Bob"), channel=forum.channel, content=content)


def test_what_is_written_opens_a_post(forum: Visit, listener: Listener) -> None:
    first, second = write(forum), write(forum, "Or east")
    assert [message["id"] for message in forum.messages()] == [first["id"], second["id"]]
    assert first["channel_id"] == first["id"]
    shown = listener.until("message", channel=forum.channel)["message"]
    assert (shown["id"], shown["shown_in"]) == (first["id"], forum.channel)


def test_members_react_to_a_post(forum: Visit) -> None:
    post = write(forum)
    target = {"channel": forum.channel, "message": post["id"], "emoji": "🎉"}
    forum.ask("/api/react", as_=forum.member("Alice"), burst=True, **target)
    forum.ask("/api/react", as_=forum.member("Carla"), **target)
    (reaction,) = forum.message(post["id"])["reactions"]
    assert reaction["count_details"] == {"burst": 1, "normal": 1}
    assert set(reaction["users"]) == {forum.member("Alice"), forum.member("Carla")}


def test_a_menu_is_used_where_the_post_is(forum: Visit) -> None:
    post = write(forum)
    done = forum.act("menu", name="Make this a drop", message=post["id"])
    channel = done["interaction"]["channel"]
    assert (channel["id"], channel["type"], channel["parent_id"]) == (post["id"], 11, forum.channel)
    form = forum.act("submit", custom_id=done["modal"]["custom_id"], fields=FIELDS)
    assert (form["message"]["channel_id"], form["message"]["shown_in"]) == (post["id"], forum.channel)
    assert forum.messages()[-1] == form["message"]
    refused = forum.act("command", expect=400, command="balance")
    assert "takes no commands" in refused["error"]


FIELDS = {"event": "quest"}
