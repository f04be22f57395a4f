"""One declaration gives registration, dispatch and validation."""

import json
import re
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field, TypeAdapter

from infra.fake_discord import openapi
from shared.discord.payload import Payload, Snowflake
from shared.discord.reply import Reply, choices, private
from shared.interactions import dispatch, registry
from shared.interactions.interaction import Interaction
from shared.interactions.registration import options, registration
from shared.interactions.registry import (
    CHANNEL,
    USER,
    InvalidOptionsError,
    Level,
    OptionKind,
    Registry,
    UnknownHandlerError,
)
from tests import snapshots

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


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with nothing in it."""
    own = Registry()
    monkeypatch.setattr(registry, "REGISTRY", own)
    return own


def sent(kind: int, **data: Any) -> Interaction:
    """An interaction in a server."""
    member = {"user": {"id": "5"}, "roles": ["1"], "permissions": "0"}
    return Interaction(
        Payload.model_validate(
            {"id": "1", "type": kind, "guild_id": "2", "channel_id": "3", "member": member, "data": data}
        )
    )


Number = Annotated[int, Field(description="How many", ge=1, le=9)]
Word = Annotated[str, Field(description="A word", min_length=2, max_length=5)]


def complete(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """Suggest what was typed, many times."""
    return [(f"{typed}{number}" * 60, typed) for number in range(30)]


def declare() -> None:
    """A command with an option of each kind."""

    @registry.command("greet", requires=Level.VIEWER)
    def greet(
        interaction: Interaction,
        how_many: Number,
        word: Annotated[Word, OptionKind(complete=complete)] | None = None,
        channel: Annotated[str, OptionKind(CHANNEL, channel_types=(0,)), Field(description="Where")] | None = None,
        rate: Annotated[float, Field(description="How much", ge=0.5)] | None = None,
        loud: Annotated[bool, Field(description="Loud?")] = False,
        brand_id: Annotated[str, OptionKind(name="brand_id"), Field(description="Brand")] = "none",
    ) -> Reply:
        """Greet somebody.

        This line is for programmers.
        """
        return private(f"{how_many} {word} {channel} {rate} {loud} {brand_id}")


def option(name: str, value: Any, **more: Any) -> Json:
    """An option as sent."""
    return {"name": name, "type": 3, "value": value, **more}


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
        return private("")

    @registry.command("config show")
    def show(interaction: Interaction) -> Reply:
        """Show"""
        return private("")

    (top,) = registration()
    assert "default_member_permissions" not in top
    assert [(part["type"], part["name"]) for part in top["options"]] == [(2, "events"), (1, "show")]
    assert [(part["type"], part["name"]) for part in top["options"][0]["options"]] == [(1, "list")]


def test_a_declaration_is_a_dispatch(own: Registry) -> None:
    declare()
    given = [option("how-many", 3), option("word", "hey"), option("loud", True), option("brand_id", "b")]
    reply = dispatch.run_command(sent(2, name="greet", options=given))
    assert reply["data"]["content"] == "3 hey None None True b"


def test_the_declared_level_goes_to_the_database(own: Registry) -> None:
    declare()
    interaction = sent(2, name="greet", options=[option("how-many", 3)])
    dispatch.run_command(interaction)
    assert interaction.caller["required_level"] == Level.VIEWER


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([], ["how-many"]),
        ([option("how-many", 10)], ["how-many"]),
        ([option("how-many", 1), option("word", "x")], ["word"]),
        ([option("how-many", 0), option("word", "too long")], ["how-many", "word"]),
        ([option("how-many", 1), option("brand_id", 5)], ["brand_id"]),
        ([option("how-many", 1), option("gone", "x")], ["gone"]),
    ],
)
def test_a_declaration_is_a_validation(own: Registry, given: list[Json], named: list[str]) -> None:
    declare()
    with pytest.raises(InvalidOptionsError) as caught:
        dispatch.run_command(sent(2, name="greet", options=given))
    assert [name for name, _ in caught.value.problems] == named


def test_suggestions_fit_discord(own: Registry) -> None:
    declare()
    reply = dispatch.complete_option(sent(4, name="greet", options=[option("word", "ab", focused=True)]))
    openapi.check_reply(reply)
    assert len(reply["data"]["choices"]) == 25
    assert all(len(choice["name"]) <= 100 for choice in reply["data"]["choices"])


@pytest.mark.parametrize(
    "given", [[], [option("word", "a")], [option("how-many", 1, focused=True)], [option("x", "", focused=True)]]
)
def test_what_has_no_suggestions_gets_none(own: Registry, given: list[Json]) -> None:
    declare()
    assert dispatch.complete_option(sent(4, name="greet", options=given)) == choices([])


Size = Annotated[Literal["s", "xl"], OptionKind(choice_name=str.upper), Field(description="How large")]
Whose = Annotated[Snowflake, OptionKind(USER), Field(description="Whose")]


def test_the_values_of_a_literal_are_choices(own: Registry) -> None:
    @registry.command("order")
    def order(interaction: Interaction, size: Size = "s", whose: Whose | None = None) -> Reply:
        """Order"""
        return private(f"{size} {whose}")

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
        assert caught.value.problems == [("size", "Input should be 's' or 'xl'")]


def test_a_path_is_declared_once(own: Registry) -> None:
    declare()
    with pytest.raises(ValueError, match="greet is declared twice"):
        declare()


def test_a_button_carries_its_arguments(own: Registry) -> None:
    @registry.button("pick")
    def pick(interaction: Interaction, drop_id: UUID, page: int) -> Reply:
        """Pick"""
        return private(f"{drop_id} {page}")

    drop_id = UUID(int=7)
    custom_id = pick.custom_id(drop_id, 2)
    assert custom_id == f"pick:{drop_id}:2"
    assert dispatch.press_button(sent(3, custom_id=custom_id))["data"]["content"] == f"{drop_id} 2"
    for made_by_hand in ("pick", "pick:1", "pick:x:2", f"pick:{drop_id}:two", f"pick:{drop_id}:2:3", "other:1"):
        with pytest.raises(UnknownHandlerError):
            dispatch.press_button(sent(3, custom_id=made_by_hand))
    with pytest.raises(ValueError, match="declared twice"):
        registry.button("pick")(lambda _: private(""))


def test_a_custom_id_fits_discord(own: Registry) -> None:
    @registry.button("long")
    def long(interaction: Interaction, argument: str) -> Reply:
        """Long"""
        return private("")

    assert len(long.custom_id("x" * 95)) == 100
    with pytest.raises(ValueError, match="over 100 characters"):
        long.custom_id("x" * 96)


def longest(annotation: Any) -> str:
    """The longest value that a button's parameter takes: of the choices, by its bounds, else a UUID's 36 characters."""
    schema = TypeAdapter(annotation).json_schema()
    if "enum" in schema:
        return str(max(schema["enum"], key=len))
    if "maximum" in schema:
        return str(schema["maximum"])
    bound = re.search(r"\{\d,(\d+)\}\$$", schema.get("pattern", ""))
    return "x" * (int(bound[1]) if bound else 36)


def test_every_button_that_is_declared_fits_discord() -> None:
    for button in registry.REGISTRY.buttons.values():
        arguments = [longest(annotation) for annotation, _ in button.parameters.values()]
        assert len(button.custom_id(*arguments)) <= 100
