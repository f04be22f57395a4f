"""Drops by a form, from a message's menu, and where the bot may not post."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import COMPONENT, MODAL_SUBMIT, Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, EVERYONE, MANAGE_GUILD, Member
from infra.local.runtime import Context
from shared.discord import rate_limits
from shared.interactions import dispatch
from tests.conftest import Surroundings
from tests.drops import retry_now, the_drop
from tests.proxy import nobody
from tests.sql import Database

Json = dict[str, Any]
MENU = "Make this a drop"
VIEW, SEND, EMBED, HISTORY, SEND_IN_THREADS = 1 << 10, 1 << 11, 1 << 14, 1 << 16, 1 << 38
OTHER_CHANNEL = "650000000000000001"


def fields(reply: Reply) -> dict[str, Json]:
    """The fields of a form by the names above them, with what is written in them."""
    assert reply.kind == 9
    return {label["label"]: label["component"] for label in reply.components}


@pytest.fixture
def said(server: Client, local_discord: FakeDiscord) -> Json:
    """A message that Alice wrote."""
    return local_discord.say(server.channel_id, "We are live!", ALICE.id)


# --- The form


def chosen(field: Json) -> list[str]:
    """The entries of a select that are chosen."""
    return [option["label"] for option in field["options"] if option["default"]]


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


def add_events(server: Client, count: int, prefix: str = "event") -> None:
    """Events of the server, beside the four that it has."""
    for place in range(count):
        server.slash("config events create", name=f"{prefix}_{place:02}", reward=1, user=ADMIN)


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
    assert "`event` is missing" in reply.text
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


# --- Once more


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


# --- A message becomes a drop


def test_a_message_becomes_a_drop(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    form = server.menu(MENU, said, user=ADMIN)
    assert list(fields(form))[:3] == ["Event", "Lifespan", "Max claims"]
    assert rpc_calls == ["list_events"]
    reply = form.submit(event="news_tracker", max_claims="2", lifespan="5m")
    assert "The drop is in" in reply.text
    drop = the_drop(db)
    posted = local_discord.message(drop["message_id"])
    assert (posted["type"], posted["message_reference"]["message_id"], drop["reply_to"]) == (19, said["id"], said["id"])
    assert "0 of 2 claimed" in posted["embeds"][0]["description"]
    assert "You got" in server.click(posted, "Claim", user=BOB).text
    assert local_discord.message(said["id"]) == said
    audit = db.one("select * from discord_audit_log where action = 'drop.created'")
    assert audit["after_state"]["reply_to"] == said["id"]


def test_a_message_that_was_deleted_meanwhile_is_no_reason_not_to_post(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord
) -> None:
    form = server.menu(MENU, said, user=ADMIN)
    local_discord.delete_message(server.channel_id, said["id"])
    assert "The drop is in" in form.submit(event="news_tracker").text
    assert local_discord.message(the_drop(db)["message_id"])["type"] == 0


def test_what_the_command_could_not_post_the_schedule_posts_as_the_answer(
    server: Client, said: Json, db: Database, local_discord: FakeDiscord, functions: Any
) -> None:
    local_discord.fail(500)
    assert "saved" in server.menu(MENU, said, user=ADMIN).submit(event="news_tracker").text
    rate_limits.reset()
    retry_now(db)
    assert functions.expire_drops.handler({}, Context("expire_drops", "test", 55))["rendered"] == 1
    posted = local_discord.message(the_drop(db)["message_id"])
    assert posted["message_reference"]["message_id"] == said["id"]


@pytest.mark.parametrize("kind", [1, 7, 8, 18, 21, 24])
def test_discord_takes_no_answer_to_what_it_says_itself(server: Client, said: Json, db: Database, kind: int) -> None:
    reply = server.menu(MENU, said | {"type": kind}, user=ADMIN)
    assert reply.ephemeral
    assert "takes no answers" in reply.text
    assert db.rows("select * from discord_drops") == []


def test_a_menu_entry_of_another_time_says_so(server: Client, said: Json) -> None:
    data = {"id": "1", "name": "Make this gold", "type": 3, "target_id": said["id"]}
    assert server.interact(2, data, ADMIN).text == dispatch.UNKNOWN_COMMAND


# --- Where the bot may not post


def lacking(client: Client, *permissions: int) -> Client:
    """The same channel, in which the bot may not do something."""
    return replace(client, app_permissions=EVERYONE & ~sum(permissions))


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


# --- Where the member may not post

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


def test_a_form_needs_what_it_asks_for(server: Client) -> None:
    with pytest.raises(NotOfferedError, match="event"):
        server.slash("drop create", user=ADMIN).submit(lifespan="5m")
