"""What Discord is told of the commands, from one declaration each."""

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from infra.fake_discord import openapi
from shared.discord.payload import Snowflake
from shared.discord.reply import Reply, ephemeral
from shared.interactions import dispatch, registry
from shared.interactions.interaction import Interaction
from shared.interactions.problems import InvalidOptionsError
from shared.interactions.registration import options, registration
from shared.interactions.registry import (
    USER,
    OptionKind,
    Registry,
)
from tests import snapshots
from tests.shared.interactions.declared import declare, option, sent

Json = dict[str, Any]


def test_the_registration_is_the_snapshot() -> None:
    recorded = json.loads(snapshots.read("commands.json"))
    assert registration() == recorded, snapshots.RENEW


def test_discord_accepts_the_registration() -> None:
    openapi.check_request("PUT", "/applications/1/commands", registration())


def test_registering_twice_gives_the_same() -> None:
    assert json.dumps(registration()) == json.dumps(registration())


def test_commands_are_for_servers_only() -> None:
    for command in registration():
        assert (command["contexts"], command["integration_types"]) == ([0], [0])


def options_of(node: Json) -> list[list[Json]]:
    """The options of every command below."""
    children = node.get("options", [])
    below = [child for child in children if child["type"] < 3] if node.get("type") in (None, 1, 2) else []
    return [found for child in below for found in options_of(child)] if below else [children]


def test_required_options_come_first() -> None:
    for command in registration():
        for found in options_of(command):
            required = [option["required"] for option in found]
            assert required == sorted(required, reverse=True), command["name"]


def test_everything_is_described() -> None:
    for path, command in registry.REGISTRY.commands.items():
        assert 1 <= len(command.description) <= 100, path
        assert all(1 <= len(option["description"]) <= 100 for option in options(command)), path


# --- With commands of its own


def test_a_declaration_is_a_registration(own: Registry) -> None:
    declare()
    assert registration() == [
        {
            "type": 1,
            "name": "greet",
            "contexts": [0],
            "integration_types": [0],
            "default_member_permissions": "32",
            "description": "Greet somebody",
            "options": [
                {
                    "type": 4,
                    "name": "how-many",
                    "description": "How many",
                    "required": True,
                    "min_value": 1,
                    "max_value": 9,
                },
                {
                    "type": 3,
                    "name": "word",
                    "description": "A word",
                    "required": False,
                    "autocomplete": True,
                    "min_length": 2,
                    "max_length": 5,
                },
                {"type": 7, "name": "channel", "description": "Where", "required": False, "channel_types": [0]},
                {"type": 10, "name": "rate", "description": "How much", "required": False, "min_value": 0.5},
                {"type": 5, "name": "loud", "description": "Loud?", "required": False},
                {"type": 3, "name": "brand_id", "description": "Brand", "required": False},
            ],
        }
    ]
    openapi.check_request("PUT", "/applications/1/commands", registration())


def test_groups_nest_as_discord_nests_them(own: Registry) -> None:
    registry.group("config", "Configure")
    registry.group("config events", "Events")

    @registry.command("config events list")
    def list_events(interaction: Interaction) -> Reply:
        """List"""
        return ephemeral("")

    @registry.command("config show")
    def show(interaction: Interaction) -> Reply:
        """Show"""
        return ephemeral("")

    (top,) = registration()
    assert "default_member_permissions" not in top
    assert [(part["type"], part["name"]) for part in top["options"]] == [(2, "events"), (1, "show")]
    assert [(part["type"], part["name"]) for part in top["options"][0]["options"]] == [(1, "list")]


Size = Annotated[Literal["s", "xl"], OptionKind(choice_name=str.upper), Field(description="How large")]
Whose = Annotated[Snowflake, OptionKind(USER), Field(description="Whose")]


def test_the_values_of_a_literal_are_choices(own: Registry) -> None:
    @registry.command("order")
    def order(interaction: Interaction, size: Size = "s", whose: Whose | None = None) -> Reply:
        """Order"""
        return ephemeral(f"{size} {whose}")

    assert options(order) == [
        {
            "type": 3,
            "name": "size",
            "description": "How large",
            "required": False,
            "choices": [{"name": "S", "value": "s"}, {"name": "XL", "value": "xl"}],
        },
        {"type": 6, "name": "whose", "description": "Whose", "required": False},
    ]
    openapi.check_request("PUT", "/applications/1/commands", registration())
    reply = dispatch.run_command(sent(2, name="order", options=[option("size", "xl"), option("whose", "5")]))
    assert reply["data"]["content"] == "xl 5"
    for wrong in ("m", "XL", "", 1, True):
        with pytest.raises(InvalidOptionsError) as caught:
            dispatch.run_command(sent(2, name="order", options=[option("size", wrong)]))
        assert [str(problem) for problem in caught.value.problems] == ["`size` must be one of these: S, XL."]
