"""/stats: what this server's members have earned in a period."""

from typing import Annotated, Literal

from pydantic import Field

from shared.discord.reply import Reply, embed, message_payload, private_message, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import Level, OptionKind, command
from shared.text import leaderboards
from shared.text import stats as words

StatsPeriod = Annotated[
    Literal["week", "month", "all"],
    OptionKind(choice_name=lambda value: leaderboards.PERIODS[value]),
    Field(description="Which period; default: this week"),
]


@command("stats", requires=Level.VIEWER)
def stats(interaction: Interaction, period: StatsPeriod = "week") -> Reply:
    """Show who was active, what was paid and for what, day by day."""
    result = interaction.rpc("get_stats", period=period)
    if result["outcome"] != "stats":
        return told(result)
    return private_message(message_payload(embeds=[embed(words.stats_title(result), words.stats(result))]))
