"""Drops for reactions: by the command, by a form, and for a message that is there; what Discord refuses is undone."""

from datetime import timedelta
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE
from shared.features.drops import emoji
from tests.drops import admin, create, the_drop
from tests.shared.features.drops.forms import OTHER_CHANNEL
from tests.shared.features.drops.reaction_calls import link, no_drop, reacted, reaction
from tests.sql import Database

Json = dict[str, Any]
CUSTOM, ANIMATED = "<:party:630000000000000007>", "<a:dance:630000000000000008>"


# --- A message of ours


def test_it_posts_a_message_that_says_what_the_emoji_pays(
    server: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    reply = reaction(server, max_claims=10, description="Be *quick*", lifespan="90m")
    (message,) = local_discord.messages(server.channel_id)
    assert reply.ephemeral
    assert link(server, message) in reply.text
    assert message["embeds"][0]["title"] == "Drop: News tracker"
    drop = the_drop(db)
    assert message["embeds"][0]["description"] == (
        "Be *quick*\n\nReact with 🎉 for **5 RSNC**, once per member; paid within a minute.\n"
        f"▰▰▰▰▰▰▰▰▰▰\n0 of 10 claimed, ends <t:{int(drop['expires_at'].timestamp())}:R>"
    )
    assert message["components"] == []
    assert reacted(local_discord, message) == ["🎉"]
    assert (drop["drop_type"], drop["emoji"], drop["is_own_message"]) == ("reaction", "🎉", True)
    assert (drop["message_id"], drop["rendered_revision"]) == (message["id"], drop["revision"])
    assert drop["expires_at"] - drop["created_at"] == timedelta(minutes=90)
    assert rpc_calls == ["create_drop", "mark_drops_rendered"]


def test_a_redelivery_posts_and_reacts_no_more(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    first = reaction(server)
    assert server.redeliver(first).text == first.text
    (message,) = local_discord.messages(server.channel_id)
    assert message["reactions"][0]["count"] == 1
    assert db.value("select count(*) from discord_drops") == 1


def test_the_channel_that_was_chosen_gets_it(server: Client, local_discord: FakeDiscord) -> None:
    assert f"<#{OTHER_CHANNEL}>" in reaction(server, channel=OTHER_CHANNEL).text
    assert local_discord.messages(server.channel_id) == []
    assert reacted(local_discord, local_discord.messages(OTHER_CHANNEL)[-1]) == ["🎉"]


@pytest.mark.parametrize(("typed", "name"), [(CUSTOM, "party"), (ANIMATED, "dance"), (" 🎈 ", "🎈"), ("❤️", "❤️")])
def test_an_emoji_of_the_server_or_a_common_one(
    server: Client, db: Database, local_discord: FakeDiscord, typed: str, name: str
) -> None:
    local_discord.add_emoji(server.guild_id, "630000000000000007", "party")
    local_discord.add_emoji(server.guild_id, "630000000000000008", "dance", animated=True)
    assert "The drop is in" in reaction(server, emoji=typed).text
    (message,) = local_discord.messages(server.channel_id)
    assert f"React with {typed.strip()} for" in message["embeds"][0]["description"]
    assert reacted(local_discord, message) == [name]
    assert the_drop(db)["emoji"] == typed.strip()


def test_an_emoji_of_another_server_is_named_before_anything_is_saved(
    server: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    local_discord.add_emoji("1", "630000000000000009", "elsewhere")
    before = db.contents()
    reply = reaction(server, emoji="<:elsewhere:630000000000000009>")
    assert reply.ephemeral
    assert "<:elsewhere:630000000000000009> is no emoji of this server" in reply.text
    assert rpc_calls == []
    assert (db.contents(), local_discord.messages(server.channel_id)) == (before, [])
    denied = server.slash("drop create", type="reaction", event="news_tracker", emoji=CUSTOM)
    assert "needs the level" in denied.text


def test_where_discord_does_not_say_reacting_tells(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    local_discord.add_emoji(server.guild_id, "630000000000000007", "party")
    local_discord.fail(500, method="GET")
    assert "The drop is in" in reaction(server, emoji=CUSTOM).text


@pytest.mark.parametrize("typed", ["party", ":party:", "a b", "", "x" * 81, "🎉 🎈"])
def test_what_is_no_emoji_is_explained(server: Client, db: Database, typed: str) -> None:
    reply = reaction(server, emoji=typed)
    assert "`emoji`" in reply.text
    assert no_drop(db)


def test_what_does_not_apply_is_named(server: Client, said: Json, db: Database) -> None:
    assert "`label` does not apply" in reaction(server, label="Grab").text
    text = reaction(server, label="Grab", description="x", message=said["id"]).text
    assert "`label` does not apply" in text
    assert "`description` does not apply" in text
    text = create(server, emoji="🎉", message=said["id"]).text
    assert "`emoji`" not in text  # a button has one too
    assert "`message` needs `type:reaction`" in text
    assert no_drop(db)


def test_who_may_not_is_told_that_first(server: Client) -> None:
    denied = server.slash("drop create", type="reaction", event="news_tracker", label="Grab", user=ALICE)
    assert "needs the level **event manager**" in denied.text


def test_the_other_refusals_are_those_of_any_drop(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set is_enabled = false")
    assert "A full admin can switch it on" in reaction(server).text
    assert "no event `nothing`" in reaction(server, event="nothing").text
    server.slash("config channels exclude", channel=server.channel_id, user=ADMIN)
    db.run("update monitoring_rules set is_enabled = true")
    assert "A full admin can switch them on" in reaction(server).text
    assert no_drop(db)


# --- Looked at and changed


def test_the_list_tells_of_both_kinds_with_a_link(server: Client, said: Json, local_discord: FakeDiscord) -> None:
    reaction(server, emoji="🎈")
    own = local_discord.messages(server.channel_id)[-1]
    reaction(server, message=said["id"], lifespan="permanent")
    text = admin(server, "list").text
    assert "**News tracker** (🎈): 5 RSNC, 0 claims, ends <t:" in text
    assert f"[message]({link(server, own)}) in <#{server.channel_id}>" in text
    assert f"**News tracker** (🎉): 5 RSNC, 0 claims, permanent, [reactions to a message]({link(server, said)})" in text
    suggested = [choice["name"] for choice in server.autocomplete("drop end", user=ADMIN, drop="").choices]
    assert suggested[1] == "News tracker (🎉): 0 claims, permanent"


def test_an_edit_shows_on_our_own_message(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    reaction(server)
    (message,) = local_discord.messages(server.channel_id)
    drop = str(the_drop(db)["drop_id"])
    reply = admin(server, "edit", drop=drop, max_claims=3, description="Now *this*")
    assert "The drop is changed" in reply.text
    shown = local_discord.message(message["id"])
    assert shown["embeds"][0]["description"].startswith("Now *this*\n\nReact with 🎉 for **5 RSNC**")
    assert "0 of 3 claimed" in shown["embeds"][0]["description"]
    assert shown["components"] == []
    assert "no button to label" in admin(server, "edit", drop=drop, label="Grab").text


def test_somebody_elses_message_stays_as_it_is(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord
) -> None:
    reaction(server, message=said["id"])
    drop = str(the_drop(db)["drop_id"])
    text = admin(server, "edit", drop=drop, max_claims=3).text
    assert "The drop is changed:\n**News tracker** (🎉)" in text
    assert "follows" not in text
    refused = admin(server, "edit", drop=drop, description="Hi")
    assert "`description` would be seen nowhere" in refused.text
    assert link(server, said) in refused.text
    admin(server, "end", drop=drop)
    now = local_discord.message(said["id"])
    assert (now["content"], now["embeds"], now["edited_timestamp"]) == (said["content"], [], None)


def test_end_says_that_whoever_has_reacted_is_paid(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    reaction(server)
    (message,) = local_discord.messages(server.channel_id)
    reply = admin(server, "end", drop=str(the_drop(db)["drop_id"]))
    assert "whoever has reacted and is not paid yet is paid within a minute" in reply.text
    shown = local_discord.message(message["id"])["embeds"][0]["description"]
    assert shown == "This drop was ended by an admin.\n0 claims"


def test_cancel_says_that_reactions_pay_no_more(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    reaction(server)
    reply = admin(server, "cancel", drop=str(the_drop(db)["drop_id"]))
    assert "It has paid nothing. Reactions pay no more." in reply.text
    (message,) = local_discord.messages(server.channel_id)
    assert message["embeds"][0]["description"].startswith("This drop was cancelled by an admin.")


# --- Words


@pytest.mark.parametrize(
    ("written", "in_message", "in_plain"),
    [
        ("🎉", "🎉", "🎉"),
        (CUSTOM, CUSTOM, ":party:"),
        ("party:7", "<:party:7>", ":party:"),
        ("**x**", r"\*\*x\*\*", "**x**"),
        ("x" * 50, "x" * 39 + "…", "x" * 39 + "…"),
        (None, "", ""),
    ],
)
def test_an_emoji_is_shown_whoever_wrote_it(written: str | None, in_message: str, in_plain: str) -> None:
    assert (emoji.shown(written), emoji.in_plain(written)) == (in_message, in_plain)
