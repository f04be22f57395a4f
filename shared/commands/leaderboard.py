"""/leaderboard: who is ahead, by what, and in which period."""

from typing import Annotated, Literal

from pydantic import Field

from shared import text
from shared.interaction import Interaction
from shared.registry import OptionKind, command
from shared.reply import Reply, embed, message_payload, private, public_message
from shared.text import pages

BoardType = Annotated[
    Literal["rsnc_earned", "claims", "streak", "messages", "voice", "reactions"],
    OptionKind(choice_name=lambda value: pages.BOARDS[value].name),
    Field(description="What counts; default: RSNC earned"),
]
Period = Annotated[
    Literal["all", "month", "week"],
    OptionKind(choice_name=lambda value: pages.PERIODS[value]),
    Field(description="When it counts; default: all time"),
]


@command("leaderboard")
def leaderboard(interaction: Interaction, type: BoardType = "rsnc_earned", period: Period = "all") -> Reply:  # noqa: A002
    """Show who is ahead in this server, and where you are."""
    return show(interaction, type, period)


def show(interaction: Interaction, board: str, period: str) -> Reply:
    """A leaderboard for everybody in the channel; why there is none is told to the one who asked."""
    result = interaction.rpc("get_leaderboard", type=board, period=period)
    if result["outcome"] != "leaderboard":
        return private(text.sentence(result["outcome"], result))
    shown = embed(pages.leaderboard_title(result), pages.leaderboard(result, interaction.user_id))
    return public_message(message_payload(embeds=[shown]))
