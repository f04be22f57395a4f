"""/leaderboard: who is ahead, by what, and in which period."""

from typing import Annotated, Literal

from pydantic import Field

from shared.discord.reply import Reply, embed, message_payload, public_message, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import OptionKind, command
from shared.text import leaderboards

BoardType = Annotated[
    Literal["rsnc_earned", "claims", "streak", "messages", "voice", "reactions"],
    OptionKind(choice_name=lambda value: leaderboards.BOARDS[value].name),
    Field(description="What to rank by; default: RSNC earned"),
]
Period = Annotated[
    Literal["all", "month", "week"],
    OptionKind(choice_name=lambda value: leaderboards.PERIODS[value]),
    Field(description="Which period; default: all time"),
]


@command("leaderboard")
def leaderboard(interaction: Interaction, type: BoardType = "rsnc_earned", period: Period = "all") -> Reply:  # noqa: A002
    """Show who is ahead in this server, and where you are."""
    return show(interaction, type, period)


def show(interaction: Interaction, board: str, period: str) -> Reply:
    """A leaderboard for everybody in the channel; why there is none is told to the one who asked."""
    result = interaction.rpc("get_leaderboard", type=board, period=period)
    if result["outcome"] != "leaderboard":
        return told(result)
    shown = embed(leaderboards.leaderboard_title(result), leaderboards.leaderboard(result, interaction.user_id))
    return public_message(message_payload(embeds=[shown]))
