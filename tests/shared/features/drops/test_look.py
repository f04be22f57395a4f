"""The look of a drop: headline, colour, emoji, bar, footer and a role to mention."""

import json
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB, EVERYONE, MANAGE_GUILD, Member
from infra.fake_discord.resources.servers import role
from shared.discord.permissions import MENTION_EVERYONE
from shared.features.drops import message as drops
from shared.features.drops.look import COLOURS, parse_colour
from tests.drops import Run, admin, create, edits, retry_now, the_drop
from tests.proxy import Proxy
from tests.sql import Database

Json = dict[str, Any]
ROLE = "640000000000000001"
MENTIONER = Member("Mentioner", "310000000000000009", permissions=EVERYONE | MANAGE_GUILD | MENTION_EVERYONE)


def posted(client: Client, discord: FakeDiscord) -> Json:
    """The one message of the channel."""
    (message,) = discord.messages(client.channel_id)
    return message


def test_everything_is_on_the_message(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    db.run("update brands set name = 'Resonance Labs'")
    create(server, title="Golden *hour*", colour="#57f287", emoji="🎁", label="Unwrap", max_claims=4)
    message = posted(server, local_discord)
    (embed,), (row,) = message["embeds"], message["components"]
    assert (embed["title"], embed["color"]) == (r"Golden \*hour\*", 0x57F287)
    assert embed["footer"] == {"text": "Resonance Labs"}
    assert "▰▰▰▰▰▰▰▰▰▰\n0 of 4 claimed" in embed["description"]
    assert (row["components"][0]["emoji"]["name"], row["components"][0]["label"]) == ("🎁", "Unwrap")
    assert the_drop(db)["look"] == {"is_titled": True, "colour": 0x57F287, "emoji": "🎁"}


def test_without_any_of_it_a_drop_looks_as_before(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    create(server)
    message = posted(server, local_discord)
    assert message["embeds"][0]["title"] == "Drop: News tracker"
    assert message["embeds"][0]["color"] == drops.OPEN_COLOUR
    assert "footer" not in message["embeds"][0]
    assert "▰" not in message["embeds"][0]["description"]
    assert the_drop(db)["look"] is None


def test_the_bar_follows_the_claims_and_goes_at_the_end(
    server: Client, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    create(server, max_claims=2)
    message = posted(server, local_discord)
    server.click(message, "Claim", user=BOB)
    run_schedule()
    assert "▰▰▰▰▰▱▱▱▱▱\n1 of 2 claimed" in posted(server, local_discord)["embeds"][0]["description"]
    server.click(message, "Claim", user=ADMIN)
    run_schedule()
    shown = posted(server, local_discord)["embeds"][0]
    assert "▱" not in shown["description"]
    assert shown["color"] == drops.ENDED_COLOUR


@pytest.mark.parametrize(
    ("claims", "limit", "full"), [(0, 1, 10), (1, 1, 0), (99, 100, 1), (1, 100, 10), (1, 3, 7), (999_999, 1_000_000, 1)]
)
def test_a_cell_is_full_while_anything_is_left(claims: int, limit: int, full: int) -> None:
    assert drops.bar({"claims_count": claims, "max_claims": limit}) == "▰" * full + "▱" * (10 - full)


def test_a_drop_without_a_limit_has_no_bar() -> None:
    assert drops.bar({"claims_count": 5, "max_claims": None}) == ""


# --- Colours


def test_a_colour_is_chosen_by_name_or_written(server: Client) -> None:
    assert parse_colour(" gold ") == COLOURS["Gold"]
    assert parse_colour("57F287") == 0x57F287
    offered = server.autocomplete("drop create colour", colour="gr", user=ADMIN).choices
    assert [choice["name"] for choice in offered] == ["Green", "Grey"]
    assert len(server.autocomplete("drop create colour", colour="", user=ADMIN).choices) == len(COLOURS)
    (own,) = server.autocomplete("drop create colour", colour="#ABCDEF", user=ADMIN).choices
    assert own == {"name": "#abcdef", "value": "#abcdef"}
    assert server.autocomplete("drop create colour", colour="zz", user=ADMIN).choices == []


@pytest.mark.parametrize("typed", ["", "#12345", "#1234567", "sepia", "#gggggg", "-1", "١٢٣٤٥٦"])
def test_what_is_no_colour_is_explained(server: Client, db: Database, typed: str) -> None:
    assert "`colour` must be one from the list, or look like #57f287." in create(server, colour=typed).text
    assert db.rows("select * from discord_drops") == []


# --- The emoji of the button


def test_an_emoji_of_the_server_is_on_the_button(server: Client, local_discord: FakeDiscord) -> None:
    local_discord.add_emoji(server.guild_id, "71", "party", animated=True)
    create(server, emoji="<a:party:71>")
    assert posted(server, local_discord)["components"][0]["components"][0]["emoji"]["id"] == "71"


def test_an_emoji_of_another_server_is_told_before_anything_is_saved(
    server: Client, db: Database, local_discord: FakeDiscord
) -> None:
    local_discord.add_emoji(server.guild_id, "71", "party")
    assert "so I cannot use it here" in create(server, emoji="<:party:72>").text
    assert db.rows("select * from discord_drops") == []


# --- A role to mention


def test_a_mentionable_role_is_mentioned_once_and_alone(
    server: Client, local_discord: FakeDiscord, discord_proxy: Proxy, rpc_calls: list[str]
) -> None:
    create(server, ping=role(ROLE) | {"mentionable": True}, max_claims=5)
    body = json.loads(discord_proxy.requests[0].body)
    assert body["content"] == f"<@&{ROLE}>"
    assert body["allowed_mentions"] == {"parse": [], "roles": [ROLE]}
    assert rpc_calls == ["create_drop", "mark_drops_rendered"]


def test_an_edit_keeps_the_mention_and_pings_nobody(
    server: Client, db: Database, local_discord: FakeDiscord, discord_proxy: Proxy
) -> None:
    create(server, ping=role(ROLE) | {"mentionable": True})
    admin(server, "edit", drop=str(the_drop(db)["drop_id"]), label="Take")
    (edit,) = [request for request in discord_proxy.requests if request.method == "PATCH"]
    assert json.loads(edit.body)["allowed_mentions"] == {"parse": []}
    message = posted(server, local_discord)
    assert message["content"] == f"<@&{ROLE}>"
    assert edits(local_discord, server.channel_id) == [200]
    healed = server.click(message, "Take", user=BOB)
    assert "You got" in healed.text


def test_a_post_of_the_schedule_mentions_the_role_too(
    server: Client, db: Database, local_discord: FakeDiscord, discord_proxy: Proxy, run_schedule: Run
) -> None:
    create(server, ping=role(ROLE) | {"mentionable": True})
    db.run("update discord_drops set message_id = null, rendered_revision = 0")
    retry_now(db)
    run_schedule()
    again = json.loads([r for r in discord_proxy.requests if r.method == "POST"][-1].body)
    assert again["allowed_mentions"] == {"parse": [], "roles": [ROLE]}
    assert len(local_discord.messages(server.channel_id)) == 1  # the nonce: nobody is pinged twice


BOTS = EVERYONE | MENTION_EVERYONE


@pytest.mark.parametrize(
    ("user", "bot", "is_mentionable", "problem"),
    [
        (ADMIN, EVERYONE, True, None),
        (MENTIONER, BOTS, False, None),
        (ADMIN, BOTS, False, f"you may not mention <@&{ROLE}>"),
        (MENTIONER, EVERYONE, False, f"I may not mention <@&{ROLE}>"),
        (ADMIN, EVERYONE, False, f"you may not mention <@&{ROLE}>"),
        (MENTIONER, None, False, f"I may not mention <@&{ROLE}>"),
    ],
)
def test_who_may_mention_a_role(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    user: Member,
    bot: int | None,
    is_mentionable: bool,
    problem: str | None,
) -> None:
    client = replace(server, app_permissions=bot)
    asked = role(ROLE) | {"mentionable": is_mentionable}
    reply = client.slash("drop create", event="news_tracker", ping=asked, user=user)
    if problem is None:
        assert posted(server, local_discord)["content"] == f"<@&{ROLE}>"
    else:
        assert problem in reply.text
        assert db.rows("select * from discord_drops") == []
        assert local_discord.messages(server.channel_id) == []


def test_the_permissions_are_those_of_the_channel_that_is_named(server: Client, local_discord: FakeDiscord) -> None:
    reply = create(server, channel="630000000000000001", ping=role(ROLE))
    assert "you may not mention" in reply.text


def test_everyone_is_never_mentioned(server: Client, db: Database) -> None:
    everyone = role(server.guild_id) | {"mentionable": True}
    reply = server.slash("drop create", event="news_tracker", ping=everyone, user=MENTIONER)
    assert "a drop never mentions everyone" in reply.text
    assert db.rows("select * from discord_drops") == []


def test_a_role_that_discord_does_not_know_is_refused(server: Client, db: Database) -> None:
    data = create(server, ping=role(ROLE) | {"mentionable": True}).interaction["data"]
    db.run("delete from discord_drops")
    data = {name: part for name, part in data.items() if name != "resolved"}
    assert "Choose a role from the list." in server.interact(2, data, ADMIN).text
    assert db.rows("select * from discord_drops") == []


def test_a_member_is_told_that_they_may_not_before_what_is_wrong(server: Client) -> None:
    reply = server.slash("drop create", event="news_tracker", ping=role(ROLE), user=BOB)
    assert "This needs the level **event manager**" in reply.text


# --- A reaction drop


def test_a_message_of_ours_for_reactions_has_the_same_look(server: Client, local_discord: FakeDiscord) -> None:
    asked = role(ROLE) | {"mentionable": True}
    create(server, type="reaction", emoji="🎉", title="Wave!", colour="Red", ping=asked, max_claims=3)
    message = posted(server, local_discord)
    assert (message["embeds"][0]["title"], message["embeds"][0]["color"]) == ("Wave!", COLOURS["Red"])
    assert "▰▰▰" in message["embeds"][0]["description"]
    assert message["content"] == f"<@&{ROLE}>"
    assert message["components"] == []


def test_somebody_elses_message_takes_no_look(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    said = local_discord.say(server.channel_id, "Hello", BOB.id)
    options = {"title": "T", "colour": "Red", "ping": role(ROLE), "preview": True}
    reply = create(server, type="reaction", message=said["id"], **options)
    for name in options:
        assert f"`{name}` does not apply: that message stays as it is." in reply.text
    assert db.rows("select * from discord_drops") == []


def test_a_form_has_no_room_for_a_look(server: Client, db: Database) -> None:
    reply = admin(server, "create", title="T", colour="Red", emoji="🎁")
    assert "Choose `event` too: the form that asks for it has no room for `title`, `colour` and `emoji`." in reply.text
    assert admin(server, "create", type="reaction", emoji="🎁").kind == 9


# --- Changes


def test_title_and_colour_can_be_changed(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    create(server, ping=role(ROLE) | {"mentionable": True})
    drop = str(the_drop(db)["drop_id"])
    reply = admin(server, "edit", drop=drop, title="Now or never", colour="gold")
    assert "The drop is changed" in reply.text
    (embed,) = posted(server, local_discord)["embeds"]
    assert (embed["title"], embed["color"]) == ("Now or never", COLOURS["Gold"])
    assert the_drop(db)["look"] == {"ping": ROLE, "is_titled": True, "colour": COLOURS["Gold"]}
    assert "Nothing has changed" in admin(server, "edit", drop=drop, title="Now or never", colour="gold").text
    admin(server, "edit", drop=drop, colour="red")
    assert posted(server, local_discord)["embeds"][0]["color"] == COLOURS["Red"]
    row = the_drop(db)
    assert row["rendered_revision"] == row["revision"]


def test_somebody_elses_message_has_no_title(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    said = local_discord.say(server.channel_id, "Hello", BOB.id)
    create(server, type="reaction", message=said["id"])
    drop = str(the_drop(db)["drop_id"])
    assert "`title` would be seen nowhere" in admin(server, "edit", drop=drop, title="T").text
    assert "`colour` would be seen nowhere" in admin(server, "edit", drop=drop, colour="Red").text


# --- Messages of the release before


def test_a_message_from_before_gets_edited_right(
    server: Client, db: Database, local_discord: FakeDiscord, run_schedule: Run
) -> None:
    facts = {"drop_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "title": "Quest", "label": None, "description": None}
    before = drops.render(
        facts | {"claims_count": 0, "max_claims": 2, "expires_at": None, "end_reason": None, "reward": 5}
    )
    assert before["content"] == ""
    assert "attachments" not in before
    create(server, max_claims=2)
    db.run("update discord_drops set rendered_revision = 0")
    run_schedule()
    message = posted(server, local_discord)
    assert "▰▰▰▰▰▰▰▰▰▰" in message["embeds"][0]["description"]


# --- What the database keeps


@pytest.mark.parametrize(
    "look",
    [
        [],
        {"colour": "red"},
        {"colour": -1},
        {"colour": 1.5},
        {"colour": 0x1000000},
        {"ping": "everyone"},
        {"ping": 5},
        {"image": "../secret.png"},
        {"image": "https://evil.example/x.png"},
        {"thumbnail": None},
        {"emoji": "x" * 81},
        {"is_lost": "yes"},
        {"unknown": 1},
    ],
)
def test_a_look_holds_nothing_else(db: Database, look: Any) -> None:
    drop = db.add_drop()
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        db.run("update discord_drops set look = %s where drop_id = %s", Jsonb(look), drop)
    assert refused.value.diag.constraint_name == "drops_hold_a_valid_look"
