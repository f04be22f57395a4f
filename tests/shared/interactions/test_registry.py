"""What is declared once, and custom_ids that Discord takes."""

import re
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from shared.discord.reply import Reply, ephemeral
from shared.interactions import dispatch, registry
from shared.interactions.interaction import Interaction
from shared.interactions.problems import InvalidOptionsError
from shared.interactions.registration import options
from shared.interactions.registry import (
    Registry,
    UnknownHandlerError,
)
from tests.shared.interactions.declared import Number, Word, declare, option, sent


def test_a_path_is_declared_once(own: Registry) -> None:
    declare()
    with pytest.raises(ValueError, match="greet is declared twice"):
        declare()


def test_a_button_carries_its_arguments(own: Registry) -> None:
    @registry.button("pick")
    def pick(interaction: Interaction, drop_id: UUID, page: int) -> Reply:
        """Pick"""
        return ephemeral(f"{drop_id} {page}")

    drop_id = UUID(int=7)
    custom_id = pick.custom_id(drop_id, 2)
    assert custom_id == f"pick:{drop_id}:2"
    assert dispatch.use_component(sent(3, custom_id=custom_id))["data"]["content"] == f"{drop_id} 2"
    for made_by_hand in ("pick", "pick:1", "pick:x:2", f"pick:{drop_id}:two", f"pick:{drop_id}:2:3", "other:1"):
        with pytest.raises(UnknownHandlerError):
            dispatch.use_component(sent(3, custom_id=made_by_hand))
    with pytest.raises(ValueError, match="declared twice"):
        registry.button("pick")(lambda _: ephemeral(""))


def test_a_select_menu_gives_what_is_chosen_after_what_it_carries(own: Registry) -> None:
    @registry.select("colour")
    def colour(interaction: Interaction, page: int, chosen: Literal["red", "blue"]) -> Reply:
        """Colour"""
        return ephemeral(f"{page} {chosen}")

    custom_id = colour.custom_id(2)
    assert dispatch.use_component(sent(3, custom_id=custom_id, values=["red"]))["data"]["content"] == "2 red"
    made_by_hand: list[tuple[str, list[str]]] = [("colour:2", []), ("colour:2", ["green"]), ("colour", ["red"])]
    for custom_id, values in [*made_by_hand, ("colour:2", ["red", "blue"])]:
        with pytest.raises(UnknownHandlerError):
            dispatch.use_component(sent(3, custom_id=custom_id, values=values))
    with pytest.raises(ValueError, match="declared twice"):
        registry.select("colour")(lambda _: ephemeral(""))


def test_no_button_has_the_name_of_a_select_menu() -> None:
    assert not registry.REGISTRY.buttons.keys() & registry.REGISTRY.selects.keys()


@dataclass(frozen=True)
class Size:
    """Options that two handlers take."""

    height: Number
    width: Number = 1


def test_a_dataclass_stands_for_its_fields(own: Registry) -> None:
    @registry.command("draw")
    def draw(interaction: Interaction, colour: Word, size: Size, *, is_filled: bool = False) -> Reply:
        """Draw"""
        return ephemeral(f"{colour} {size} {is_filled}")

    @registry.form("frame", "Frame", carries=("colour", "width"))
    def frame(interaction: Interaction, colour: Word, size: Size) -> Reply:
        """Frame"""
        return ephemeral(f"{colour} {size}")

    assert [(option["name"], option["required"]) for option in options(draw)] == [
        ("colour", True),
        ("height", True),
        ("width", False),
        ("is-filled", False),
    ]
    given = [option("colour", "red"), option("height", 3), option("is-filled", True)]
    drawn = dispatch.run_command(sent(2, name="draw", options=given))
    assert drawn["data"]["content"] == "red Size(height=3, width=1) True"
    with pytest.raises(InvalidOptionsError) as caught:
        draw.call(sent(2), {"colour": "red", "height": 10, "width": 0})
    assert [problem.name for problem in caught.value.problems] == ["`height`", "`width`"]
    assert frame.asked == ["height"]
    framed = frame.call(sent(5), {"colour": "red", "height": "2", "width": "4"})
    assert framed["data"]["content"] == "red Size(height=2, width=4)"


def test_a_custom_id_fits_discord(own: Registry) -> None:
    @registry.button("long")
    def long(interaction: Interaction, argument: str) -> Reply:
        """Long"""
        return ephemeral("")

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
    for button in [*registry.REGISTRY.buttons.values(), *registry.REGISTRY.selects.values()]:
        arguments = [longest(annotation) for annotation, _ in button.parameters.values()]
        assert len(button.custom_id(*arguments)) <= 100
