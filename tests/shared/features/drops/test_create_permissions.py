"""Where bot or member may not post there is no drop, and what is lacking is named before."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, CAROL, EVERYONE, MANAGE_GUILD, Member
from tests.shared.features.drops.forms import EMBED, HISTORY, MENU, OTHER_CHANNEL, SEND, SEND_IN_THREADS, VIEW, lacking
from tests.sql import Database

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("permission", "name"),
    [(VIEW, "View Channel"), (SEND, "Send Messages"), (EMBED, "Embed Links"), (HISTORY, "Read Message History")],
)
def test_what_the_bot_lacks_is_named_before_it_posts(
    server: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str], permission: int, name: str
) -> None:
    local_discord.requests.clear()
    before = db.contents()
    reply = lacking(server, permission).slash("drop create", event="news_tracker", user=ADMIN)
    assert reply.ephemeral
    assert f"I lack **{name}** there" in reply.text
    assert f"<#{server.channel_id}>" in reply.text
    assert (rpc_calls, list(local_discord.requests)) == (["create_drop"], [])
    assert db.contents() == before


def test_everything_that_is_lacking_is_named_at_once(server: Client) -> None:
    reply = lacking(server, VIEW, SEND, EMBED).slash("drop create", event="news_tracker", user=ADMIN)
    assert "**View Channel**, **Send Messages** and **Embed Links**" in reply.text


def test_the_channel_that_was_chosen_counts(server: Client, db: Database) -> None:
    reply = lacking(server, EMBED).slash("drop create", event="news_tracker", channel=OTHER_CHANNEL, user=ADMIN)
    assert f"<#{OTHER_CHANNEL}>: I lack **Embed Links**" in reply.text
    assert db.rows("select * from discord_drops") == []


def test_the_form_too_says_what_is_lacking(server: Client, said: Json, db: Database) -> None:
    form = lacking(server, EMBED).menu(MENU, said, user=ADMIN)
    assert "I lack **Embed Links**" in form.submit(event="news_tracker").text
    assert db.rows("select * from discord_drops") == []


def test_a_thread_needs_another_permission(server: Client, db: Database) -> None:
    data = {
        "name": "drop",
        "type": 1,
        "options": [{"name": "create", "type": 1, "options": [{"name": "event", "type": 3, "value": "news_tracker"}]}],
    }
    thread = {"id": server.channel_id, "type": 11}
    in_threads = EVERYONE & ~SEND | SEND_IN_THREADS
    admin = replace(ADMIN, permissions=MANAGE_GUILD | in_threads)
    may_not = server.interact(2, data, admin, channel=thread)
    assert "I lack **Send Messages in Threads**" in may_not.text
    may = server.interact(2, data, admin, channel=thread, app_permissions=str(in_threads))
    assert "The drop is in" in may.text


def test_who_may_not_create_drops_is_told_that_first(server: Client) -> None:
    reply = lacking(server, SEND).slash("drop create", event="news_tracker", user=ALICE)
    assert "needs the level **event manager**" in reply.text


MANAGER_ROLE = "900000000000000003"


def manager(permissions: int) -> Member:
    """Carol as an event manager, with what she may do in the channel."""
    return replace(CAROL, roles=(MANAGER_ROLE,), permissions=permissions)


@pytest.fixture
def managed(server: Client, db: Database) -> Client:
    """A server in which a role makes event managers."""
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {MANAGER_ROLE: 3}}))
    return server


def there(client: Client, user: Member, **channel: Any) -> Reply:
    """An event manager's /drop create in another channel, as Discord describes it."""
    options = [{"name": "event", "type": 3, "value": "news_tracker"}]
    options.append({"name": "channel", "type": 7, "value": OTHER_CHANNEL})
    data = {
        "name": "drop",
        "type": 1,
        "options": [{"name": "create", "type": 1, "options": options}],
        "resolved": {"channels": {OTHER_CHANNEL: {"id": OTHER_CHANNEL, "type": 0} | channel}},
    }
    return client.interact(2, data, user)


@pytest.mark.parametrize(
    ("permissions", "lacking"),
    [
        (0, "**View Channel** and **Send Messages**"),
        (EVERYONE & ~SEND, "**Send Messages**"),
        (EVERYONE & ~VIEW, "**View Channel**"),
    ],
)
def test_whoever_may_not_post_in_a_channel_posts_no_drop_there(
    managed: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str], permissions: int, lacking: str
) -> None:
    local_discord.requests.clear()
    before = db.contents()
    may_all = manager(EVERYONE)
    refused = [
        managed.slash("drop create", event="news_tracker", user=manager(permissions)),
        managed.slash("drop create", user=may_all).submit(event="news_tracker", user=manager(permissions)),
        there(managed, may_all, permissions=str(permissions)),
    ]
    for reply, channel in zip(refused, [managed.channel_id, managed.channel_id, OTHER_CHANNEL], strict=True):
        assert reply.ephemeral
        assert f"You cannot post in <#{channel}> yourself" in reply.text
        assert f"you lack {lacking}." in reply.text
    assert (db.contents(), list(local_discord.requests)) == (before, [])
    assert rpc_calls == ["create_drop", "list_events", "create_drop", "create_drop"]


def test_what_counts_is_the_channel_of_the_drop(managed: Client) -> None:
    assert "The drop is in" in there(managed, manager(EVERYONE & ~SEND), permissions=str(EVERYONE)).text


def test_full_admins_too_need_to_post_there(managed: Client) -> None:
    assert "You cannot post" in there(managed, ADMIN, permissions=str(MANAGE_GUILD | VIEW)).text


def test_an_administrator_may_post_everywhere(managed: Client) -> None:
    assert "The drop is in" in there(managed, ADMIN, permissions=str(1 << 3)).text


def test_a_thread_asks_a_member_for_another_permission(managed: Client) -> None:
    assert "**Send Messages in Threads**" in there(managed, ADMIN, type=11, permissions=str(EVERYONE)).text
    assert "The drop is in" in there(managed, ADMIN, type=11, permissions=str(VIEW | SEND_IN_THREADS)).text


def test_what_discord_does_not_say_forbids_nothing(managed: Client) -> None:
    assert "The drop is in" in there(managed, manager(EVERYONE)).text
    member = manager(EVERYONE).member()
    del member["permissions"]
    data = {
        "name": "drop",
        "type": 1,
        "options": [{"name": "create", "type": 1, "options": [{"name": "event", "type": 3, "value": "news_tracker"}]}],
    }
    assert "The drop is in" in managed.interact(2, data, manager(EVERYONE), member=member).text
