"""A command of a test's own, and interactions that are dispatched to it."""

from typing import Annotated, Any

from pydantic import Field

from shared.discord.payload import Payload
from shared.discord.reply import Reply, ephemeral
from shared.interactions import registry
from shared.interactions.interaction import Interaction
from shared.interactions.registry import (
    CHANNEL,
    Level,
    OptionKind,
)

Json = dict[str, Any]


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
        return ephemeral(f"{how_many} {word} {channel} {rate} {loud} {brand_id}")


def option(name: str, value: Any, **more: Any) -> Json:
    """An option as sent."""
    return {"name": name, "type": 3, "value": value, **more}
