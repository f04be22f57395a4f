"""/help shows what this member may use, topic by topic, and nothing else."""

import re

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, ALICE, BOB, Member
from infra.local.supabase import LocalSupabase
from shared.features.help import PLACEHOLDER, TOPICS, commands_of, menu_entry
from shared.format import PAGE_LIMIT
from shared.interactions.registry import REGISTRY, Level
from tests.conftest import Surroundings
from tests.proxy import nobody
from tests.shared.features.rows import assert_said
from tests.sql import Database

ROLE = "900000000000000001"
UPDATE = 7  # a type of reply
COMPONENT, SELECT = 3, 3  # types of an interaction and of a component
NAMED = re.compile(r"^(?:`/?([^`]+)`|</([^:]+):\d+>) ", re.MULTILINE)


def offered(reply: Reply) -> dict[str, str]:
    """The topics that can be chosen, by their values."""
    (row,) = reply.components
    (menu,) = row["components"]
    return {option["value"]: option["label"] for option in menu["options"]}


def pages(client: Client, user: Member) -> dict[str, Reply]:
    """Every topic that a member can choose."""
    first = client.slash("help", user=user)
    return {topic: first.select(PLACEHOLDER, topic) for topic in offered(first)}


def named(reply: Reply) -> set[str]:
    """The commands that a page names."""
    return {plain or mention for plain, mention in NAMED.findall(reply.text)}


def shown(client: Client, user: Member) -> set[str]:
    """The commands that all topics name."""
    return {name for reply in pages(client, user).values() for name in named(reply)}


def up_to(level: int) -> set[str]:
    """What a level may use, by what /help calls it."""
    menus = {menu_entry(name): menu.requires for name, menu in REGISTRY.menus.items()}
    required = {path: command.requires for path, command in REGISTRY.commands.items()} | menus
    return {how for how, needed in required.items() if needed <= level}


def test_every_command_has_a_topic() -> None:
    found = {handler.name for topic in TOPICS for handler in commands_of(topic, Level.FULL_ADMIN)}
    assert found == REGISTRY.commands.keys() | REGISTRY.menus.keys()
    assert len(TOPICS) <= 25  # as many as a select menu has room for


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_role_sees_what_its_level_may(server: Client, db: Database, level: int) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {ROLE: level}}))
    assert shown(server, Member("Alice", ALICE.id, roles=(ROLE,))) == up_to(level)


def test_a_member_sees_members_commands_and_topics(server: Client) -> None:
    assert shown(server, ALICE) == up_to(0)
    topics = ["Getting started", "Earn", "Streak", "Drops", "Leaderboards"]
    assert list(offered(server.slash("help", user=ALICE)).values()) == topics


def test_an_admin_sees_everything_with_what_it_does(server: Client) -> None:
    assert shown(server, ADMIN) == up_to(4)
    text = "\n".join(reply.text for reply in pages(server, ADMIN).values())
    assert all(command.description in text for command in REGISTRY.commands.values())


def test_it_begins_with_the_beginning_and_turns_in_place(server: Client, rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    first = server.slash("help", user=BOB)
    assert rpc_calls == ["get_help"]
    assert first.ephemeral
    assert first.text.startswith("Getting started\n")
    streak = first.select(PLACEHOLDER, "streak")
    assert rpc_calls == ["get_help"] * 2
    assert streak.kind == UPDATE
    assert streak.text.startswith("Streak\n")
    (menu,) = streak.components[0]["components"]
    assert [option["value"] for option in menu["options"] if option["default"]] == ["streak"]


def test_commands_open_with_a_press_where_their_ids_are_known(server: Client, db: Database) -> None:
    assert "`/daily` " in server.slash("help", user=BOB).text
    known = [("*", "daily", "11"), ("*", "streak", "12"), (server.guild_id, "daily", "21")]
    for row in known:
        db.run("insert into registered_commands values (%s, %s, %s)", *row)
    first = server.slash("help", user=BOB)
    assert "</daily:21> " in first.text
    assert "`/join` " in first.text
    assert "</streak view:12> " in first.select(PLACEHOLDER, "streak").text


def test_every_topic_fits_with_the_longest_ids(server: Client, db: Database) -> None:
    for name in {path.split()[0] for path in REGISTRY.commands}:
        db.run("insert into registered_commands values ('*', %s, %s)", name, "9" * 20)
    assert all(len(reply.embeds[0]["description"]) < PAGE_LIMIT for reply in pages(server, ADMIN).values())


def test_a_topic_begins_with_what_comes_first(server: Client) -> None:
    starts = {topic: NAMED.findall(reply.text)[0] for topic, reply in pages(server, ADMIN).items()}
    assert [starts[topic][0] for topic in ("start", "earn", "streak", "setup", "posting")] == [
        "join",
        "daily",
        "streak view",
        "setup connect",
        "drop create",
    ]


def test_a_topic_that_is_no_longer_for_a_member_shows_the_first(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {ROLE: 4}}))
    admin = Member("Alice", ALICE.id, roles=(ROLE,))
    help_ = server.slash("help", user=admin)
    assert help_.select(PLACEHOLDER, "setup").text.startswith("Setup\n")
    db.run("update discord_server_configs set config_metadata = '{}'")
    assert help_.select(PLACEHOLDER, "setup").text.startswith("Getting started\n")
    with pytest.raises(NotOfferedError):
        help_.select(PLACEHOLDER, "no topic")


@pytest.mark.parametrize("values", [[], ["no topic"], ["start", "earn"], ["\x00"]])
def test_a_choice_that_was_made_by_hand_is_a_sentence(server: Client, values: list[str]) -> None:
    data = {"component_type": SELECT, "custom_id": "help", "id": 2, "values": values}
    assert_said(server.interact(COMPONENT, data, BOB, message={"id": "1573450000000000002"}))


def test_help_helps_before_a_server_is_connected(discord: Client) -> None:
    assert "setup connect" in shown(discord, ADMIN)
    assert shown(discord, ALICE) == up_to(0)


def test_help_helps_without_a_database(server: Client, surroundings: Surroundings, supabase: LocalSupabase) -> None:
    surroundings.hurry()
    surroundings.set(SUPABASE_REST_URL=nobody())
    assert shown(server, ADMIN) == up_to(4)
    assert shown(server, ALICE) == up_to(0)
