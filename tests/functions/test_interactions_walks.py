"""Every command, button and suggestion, one after the other: whom a reply reaches, and what it asks of the database."""

from typing import Any

import pytest

from infra.fake_discord.client import COMMAND, Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB
from shared.features import detection
from shared.interactions.registration import registration
from shared.interactions.registry import REGISTRY, SLASH
from tests.conftest import BRAND
from tests.functions.by_hand import options, pressed
from tests.sql import KEY, Database

Json = dict[str, Any]
PUBLIC = {"leaderboard", "streak leaderboard"}


# Options that go with other values of others than `example` gives.
LEFT_OUT = {
    "setup connect": {"name"},  # must differ from the key
    "drop create": {"type", "emoji", "message", "image", "thumbnail", "ping", "preview"},
    "watch start": {"role"},
}


def example(option: Json) -> Any:
    """A value that the option takes."""
    if "choices" in option:
        return option["choices"][-1]["value"]
    channel, role = "420000000000000009", "900000000000000009"
    by_type = {3: "news_tracker", 4: option.get("min_value", 1), 5: True, 6: BOB, 7: channel, 8: role, 10: 1.0}
    by_name = {"confirm": "DISCONNECT", "lifespan": "5m", "entry": "1", "drop": "00000000-0000-4000-8000-000000000000"}
    by_name |= {"timezone": "Europe/Berlin", "tiers": "3:2", "milestones": "7:50", "emoji": "🎉"}
    by_name |= {"colour": "#57f287"}
    by_name |= {"watch": "00000000-0000-4000-8000-000000000000"}
    return by_name.get(option["name"], by_type[option["type"]])


def leaves(node: Json, path: str = "") -> list[tuple[str, Json]]:
    """The commands that can be run, each with its whole path."""
    path = f"{path} {node['name']}".strip()
    below = [child for child in node.get("options", []) if child["type"] < 3]
    return [leaf for child in below for leaf in leaves(child, path)] if below else [(path, node)]


def all_leaves() -> list[tuple[str, Json]]:
    """Every command of the registry."""
    return [leaf for top in registration() if top["type"] == SLASH for leaf in leaves(top)]


def run(client: Client, path: str, node: Json, user: Any) -> Reply:
    """Run a command with a value for each option that goes with the others."""
    names = {option["name"] for option in node["options"]} - LEFT_OUT.get(path, set())
    if path.startswith("config events"):
        names -= {option["name"] for option in node["options"] if is_of_a_trigger(option)}
    return client.slash(
        path, user=user, **{option["name"]: example(option) for option in node["options"] if option["name"] in names}
    )


def is_of_a_trigger(option: Json) -> bool:
    """Does an option go with some triggers alone?"""
    return any(option["name"].replace("-", "_") in names for takes in detection._TAKES.values() for names in takes)


@pytest.fixture
def everything(functions: Any) -> list[tuple[str, Json]]:
    """Every command, as registered."""
    return all_leaves()


def test_the_registry_is_what_the_walks_walk(everything: list[tuple[str, Json]]) -> None:
    assert {path for path, _ in everything} == set(REGISTRY.commands)


@pytest.mark.parametrize("user", [ALICE, ADMIN], ids=lambda user: user.name)
@pytest.mark.parametrize("connected", [False, True], ids=["not connected", "connected"])
def test_no_reply_pings_anybody_and_private_things_stay_private(
    discord: Client, db: Database, everything: list[tuple[str, Json]], user: Any, connected: bool
) -> None:
    if connected:
        discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    for path, node in everything:
        is_connected = db.value("select exists (select from discord_server_configs where is_active)")
        reply = run(discord, path, node, user)
        assert reply.ephemeral != (is_connected and path in PUBLIC), path
        if path == "export" and is_connected and user is ADMIN:  # its request to Discord: tests of /export
            assert reply.status == 202
        else:
            assert reply.data["allowed_mentions"] == {"parse": []}, path
        assert reply.text.strip(), path


def test_what_replaces_a_drops_message_pings_nobody(server: Client, local_discord: FakeDiscord) -> None:
    server.slash("drop create", event="news_tracker", max_claims=1, description="@everyone <@1>", user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    server.click(message, "Claim", user=BOB)
    reply = server.click(message, "Claim", user=ALICE)
    assert reply.kind == 7
    assert reply.data["allowed_mentions"] == {"parse": []}


def test_one_command_is_one_database_call(
    discord: Client, everything: list[tuple[str, Json]], rpc_calls: list[str]
) -> None:
    discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    for path, node in everything:
        rpc_calls.clear()
        run(discord, path, node, ADMIN)
        expected = {"drop create": 2}.get(path, 1)  # a REST call lies between these two
        assert len(rpc_calls) == expected, (path, rpc_calls)
        if path == "setup disconnect":
            discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
        if path == "config channels exclude":  # no drop is posted there
            discord.slash("config channels include", channel=example({"name": "channel", "type": 7}), user=ADMIN)


def test_one_click_and_one_suggestion_are_one_database_call_and_one_more_notes_what_is_shown(
    server: Client, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    server.slash("drop create", event="news_tracker", max_claims=1, user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    rpc_calls.clear()
    server.click(message, "Claim", user=BOB)
    server.click(message, "Claim", user=ALICE)
    server.autocomplete("drop create", event="n", user=ADMIN)
    server.slash("help", user=BOB)
    assert rpc_calls == ["claim_drop", "mark_drops_rendered", "claim_drop", "list_events", "get_help"]


def test_what_cannot_be_right_does_not_ask_the_database(server: Client, rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    pressed(server, "claim:notauuid")
    server.slash("setup disconnect", confirm="no", user=ADMIN)
    server.interact(COMMAND, {"name": "drop", "options": options(("max-claims", 4, 0))}, ADMIN)
    assert rpc_calls == []
