"""Drops for reactions: by the command, by a form, and for a message that is there; what Discord refuses is undone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, ALICE, BOB, EVERYONE
from infra.fake_discord.resources.servers import Channel
from infra.local.runtime import Context
from shared.discord import rate_limits
from shared.features.drops import emoji
from tests.conftest import Surroundings
from tests.drops import Run, admin, create, retry_now, the_drop
from tests.proxy import silence
from tests.sql import Database

Json = dict[str, Any]
MENU = "Reward reactions"
VIEW, SEND, EMBED, HISTORY, REACT = 1 << 10, 1 << 11, 1 << 14, 1 << 16, 1 << 6
OTHER_CHANNEL = "650000000000000001"
CUSTOM, ANIMATED = "<:party:630000000000000007>", "<a:dance:630000000000000008>"


@pytest.fixture
def said(server: Client, local_discord: FakeDiscord) -> Json:
    """A message that Alice wrote."""
    return local_discord.say(server.channel_id, "We are live!", ALICE.id)


def reaction(client: Client, **options: Any) -> Reply:
    """An admin's /drop create for reactions."""
    return create(client, type="reaction", **options)


def link(client: Client, message: Json) -> str:
    """The link of a message in the client's channel."""
    return f"https://discord.com/channels/{client.guild_id}/{client.channel_id}/{message['id']}"


def reacted(discord: FakeDiscord, message: Json) -> list[str]:
    """The emoji with which the bot has reacted to a message."""
    shown = discord.message(message["id"]).get("reactions", [])
    return [each["emoji"]["name"] for each in shown if each["me"]]


def no_drop(db: Database) -> bool:
    """Is there none?"""
    return db.rows("select * from discord_drops") == []


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


# --- A message that is there


@pytest.mark.parametrize(
    "typed",
    [
        "{link}",
        " {link} ",
        "<{link}>",
        "{id}",
        "{channel}-{id}",
        "https://canary.discord.com/channels/{guild}/{channel}/{id}",
        "https://ptb.discordapp.com/channels/{guild}/{channel}/{id}/",
        "discord.com/channels/{guild}/{channel}/{id}",
    ],
)
def test_a_message_is_named_by_its_link_or_id(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, rpc_calls: list[str], typed: str
) -> None:
    place = {"guild": server.guild_id, "channel": server.channel_id, "id": said["id"], "link": link(server, said)}
    reply = reaction(server, message=typed.format(**place), reward=7)
    assert reply.ephemeral
    assert f"Whoever reacts with 🎉 to [that message]({link(server, said)})" in reply.text
    assert "**7 RSNC**" in reply.text
    assert rpc_calls == ["create_drop"]
    assert reacted(local_discord, said) == ["🎉"]
    assert [m["id"] for m in local_discord.messages(server.channel_id)] == [said["id"]]
    drop = the_drop(db)
    assert (drop["message_id"], drop["is_own_message"], drop["channel_id"]) == (said["id"], False, server.channel_id)


def test_a_message_of_the_chosen_channel(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    there = local_discord.say(OTHER_CHANNEL, "News!", ALICE.id)
    address = f"https://discord.com/channels/{server.guild_id}/{OTHER_CHANNEL}/{there['id']}"
    assert "Whoever reacts" in reaction(server, channel=OTHER_CHANNEL, message=address).text
    assert reacted(local_discord, there) == ["🎉"]
    assert the_drop(db)["channel_id"] == OTHER_CHANNEL


@pytest.mark.parametrize(
    ("typed", "said_of_it"),
    [
        (
            "https://discord.com/channels/{guild}/650000000000000001/7",
            "is in <#650000000000000001>: choose that channel",
        ),
        ("650000000000000001-7", "is in <#650000000000000001>: choose that channel"),
        ("https://discord.com/channels/1/{channel}/7", "is in another server"),
        ("https://discord.com/channels/@me/{channel}/7", "is in another server"),
        ("https://example.org/channels/{guild}/{channel}/7", "must be the link or the id of a message."),
        ("the one above", "must be the link or the id of a message."),
        ("x" * 201, "must have 200 characters or fewer."),
    ],
)
def test_a_link_to_elsewhere_is_named_as_a_mistake(
    server: Client, db: Database, rpc_calls: list[str], typed: str, said_of_it: str
) -> None:
    reply = reaction(server, message=typed.format(guild=server.guild_id, channel=server.channel_id))
    assert reply.ephemeral
    assert f"`message` {said_of_it}" in reply.text
    assert rpc_calls == []
    assert no_drop(db)


def test_a_redelivery_rewards_a_message_once(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord
) -> None:
    first = reaction(server, message=said["id"])
    assert server.redeliver(first).text == first.text
    assert db.value("select count(*) from discord_drops") == 1
    db.run("update discord_drops set ended_at = now(), end_reason = 'ended', is_settled = true")
    local_discord.requests.clear()
    assert server.redeliver(first).text == first.text
    assert list(local_discord.requests) == []


def test_a_second_drop_with_the_same_emoji_is_refused(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord
) -> None:
    reaction(server, message=said["id"])
    reply = reaction(server, message=link(server, said))
    assert "are rewarded already" in reply.text
    assert link(server, said) in reply.text
    assert db.value("select count(*) from discord_drops") == 1
    assert "Whoever reacts with 🎈" in reaction(server, message=said["id"], emoji="🎈").text
    assert reacted(local_discord, said) == ["🎉", "🎈"]


# --- Permissions


def lacking(client: Client, *permissions: int) -> Client:
    """The same channel, in which the bot may not do something."""
    return replace(client, app_permissions=EVERYONE & ~sum(permissions))


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


# --- What shows only when one reacts


def undone(db: Database) -> bool:
    """Was the drop closed, with nothing left to collect?"""
    drop = the_drop(db)
    return (drop["end_reason"], drop["is_settled"], drop["is_collected"]) == ("not_posted", True, True)


REFUSALS = [
    (400, 10014, "knows no such emoji"),
    (400, 30010, "20 different reactions"),
    (403, 50021, "a message of its own"),
    (403, 90001, "has blocked me"),
    (404, 10008, "no such message"),
    (403, 50013, "Add Reactions"),
    (403, 50001, "cannot see that channel"),
    (400, 50083, "archived"),
    (400, 12345, "the error 12345"),
]


@pytest.mark.parametrize(("status", "code", "said_of_it"), REFUSALS)
def test_a_refusal_undoes_the_drop_of_a_message_that_is_there(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, status: int, code: int, said_of_it: str
) -> None:
    local_discord.fail(status, code, method="PUT")
    reply = reaction(server, message=said["id"])
    assert reply.ephemeral
    assert said_of_it in reply.text
    assert "has paid nothing" in reply.text
    assert undone(db)
    assert local_discord.message(said["id"]) == said
    again = server.redeliver(reply)
    assert "did not let me react" in again.text
    assert reacted(local_discord, said) == []
    assert "Whoever reacts" in reaction(server, message=said["id"]).text


@pytest.mark.parametrize(("status", "code", "said_of_it"), [each for each in REFUSALS if each[1] != 10008])
def test_a_refusal_deletes_our_own_message(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    run_schedule: Run,
    status: int,
    code: int,
    said_of_it: str,
) -> None:
    local_discord.fail(status, code, method="PUT")
    reply = reaction(server)
    assert said_of_it in reply.text
    assert undone(db)
    assert local_discord.messages(server.channel_id) == []
    run_schedule()
    assert local_discord.messages(server.channel_id) == []
    assert "refused the message before" in server.redeliver(reply).text


def test_a_message_that_cannot_be_deleted_says_that_it_is_over(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    local_discord.fail(400, 30010, method="PUT")
    local_discord.fail(500, method="DELETE")
    assert "20 different reactions" in reaction(server).text
    (message,) = local_discord.messages(server.channel_id)
    run_schedule()
    shown = local_discord.message(message["id"])["embeds"][0]["description"]
    assert shown == "This drop was closed before it was posted.\n0 claims"


def test_what_the_local_discord_refuses_itself(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    joined = local_discord.say(server.channel_id, "Bob is here.", BOB.id, type=7)
    assert "a message of its own" in reaction(server, message=joined["id"]).text
    assert "no such message" in reaction(server, message="630000000000000999").text
    local_discord.block(ALICE.id)
    by_alice = local_discord.say(server.channel_id, "Hi", ALICE.id)
    assert "has blocked me" in reaction(server, message=by_alice["id"]).text
    local_discord.unblock(ALICE.id)
    full = local_discord.say(server.channel_id, "Hi", BOB.id)
    for number in range(20):
        local_discord.react(server.channel_id, full["id"], chr(0x1F600 + number), BOB.id)
    assert "20 different reactions" in reaction(server, message=full["id"]).text
    assert db.value("select count(*) from discord_drops where ended_at is null") == 0


def test_a_channel_that_refuses_our_message_closes_the_drop(
    server: Client, db: Database, local_discord: FakeDiscord
) -> None:
    local_discord.forbid(server.channel_id, 50013)
    assert "Send Messages" in reaction(server).text
    assert undone(db)


# --- Discord is slow


@pytest.mark.parametrize("status", [500, 503])
def test_where_discord_is_slow_the_emoji_follows(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, status: int
) -> None:
    for message in (None, said["id"]):
        local_discord.fail(status, method="PUT")
        reply = reaction(server, message=message)
        assert reply.ephemeral
        assert "my 🎉 follows within a few minutes" in reply.text
        assert "no need to create it again" in reply.text
    drops = db.rows("select * from discord_drops order by is_own_message")
    assert [drop["ended_at"] for drop in drops] == [None, None]
    own = local_discord.messages(server.channel_id)[-1]
    assert [drop["message_id"] for drop in drops] == [said["id"], own["id"]]


def test_a_message_that_discord_did_not_take_comes_with_the_schedule(
    server: Client, db: Database, local_discord: FakeDiscord, functions: Any
) -> None:
    local_discord.fail(500, method="POST")
    assert "will appear" in reaction(server).text
    rate_limits.reset()
    retry_now(db)
    assert functions.expire_drops.handler({}, Context("expire_drops", "test", 55))["rendered"] == 1
    (message,) = local_discord.messages(server.channel_id)
    assert "React with 🎉" in message["embeds"][0]["description"]
    assert message["components"] == []


def test_no_answer_from_discord_is_told_in_time(
    server: Client, said: Json, db: Database, surroundings: Surroundings
) -> None:
    surroundings.hurry()
    with silence() as url:
        surroundings.set(DISCORD_API_URL=url)
        assert "follows within a few minutes" in reaction(server, message=said["id"]).text
    assert the_drop(db)["ended_at"] is None


# --- Forms


def fields(reply: Reply) -> dict[str, Json]:
    """The fields of a form by the names above them, with what is written in them."""
    assert reply.kind == 9
    return {label["label"]: label["component"] for label in reply.components}


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
    assert "`event` is missing" in reply.text


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
