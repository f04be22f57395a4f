"""/stats: what this server's members have earned in a period, as figures and as a chart of text."""

from itertools import dropwhile
from typing import Annotated, Literal

from pydantic import Field

from shared.discord.reply import Reply, page
from shared.features.leaderboard import PERIODS, period_end
from shared.format import (
    amount,
    count,
    day_of_month,
    escape,
    event_name,
    label_or_name,
    member_mention,
    month,
    number,
    weekday,
)
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import Level, OptionKind, command

StatsPeriod = Annotated[
    Literal["week", "month", "all"],
    OptionKind(choice_name=lambda value: PERIODS[value]),
    Field(description="Which period; default: this week"),
]


@command("stats", requires=Level.VIEWER)
def stats(interaction: Interaction, period: StatsPeriod = "week") -> Reply:
    """Show who was active, what was paid and for what, day by day."""
    result = interaction.rpc("get_stats", period=period)
    return page_reply(result, "stats", lambda found: page(stats_title(found), stats_page(found)))


# --- Words

CHART_WIDTH = 34  # characters; a phone shows as many of a code block in one line
LONGEST_BAR, SHORTEST_BAR = 16, 4
NOTHING = "-"

_TITLES = {"week": "Figures, this week", "month": "Figures, this month", "all": "Figures, all time"}
_CHARTS = {"week": "Day by day", "month": "Day by day", "all": "Month by month"}
_DAY_NAMES = {"week": weekday, "month": day_of_month, "all": month}
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def stats_title(facts: Facts) -> str:
    """The headline of the figures."""
    return _TITLES[facts["period"]]


def stats_page(facts: Facts) -> str:
    """The figures of a period, below their headline."""
    ends = period_end(facts)
    if not facts["events"]:
        return "\n\n".join(filter(None, ["Nobody has earned anything in this period.", ends]))
    sections = [
        _summary(facts),
        "\n".join(["**Top events**", *map(_event_line, facts["events"])]),
        "\n".join(["**Top earners**", *map(_earner_line, facts["top"])]) if facts["top"] else "",
        "\n".join(filter(None, [f"**{_CHARTS[facts['period']]}**, RSNC", f"```\n{chart(facts)}\n```", ends])),
    ]
    return "\n\n".join(filter(None, sections))


def _summary(facts: Facts) -> str:
    """How many members were active and what they got, with what was taken back if there is any."""
    paid, taken = facts["paid"], facts["taken_back"]
    distributed = f"**{amount(paid - taken)}** distributed"
    if taken:
        distributed = f"{distributed} ({amount(paid)} paid, {amount(taken)} taken back)"
    return f"**{count(facts['members'], 'active member')}**, **{count(facts['rewards'], 'reward')}**\n{distributed}"


def _event_line(event: Facts) -> str:
    name = label_or_name(event) if event["label"] else escape(event_name(event["event"]))
    return f"{name}: {count(event['rewards'], 'time')}, {amount(event['rsnc'])}"


def _earner_line(entry: Facts) -> str:
    return f"**{number(entry['rank'])}.** {member_mention(entry['user_id'])} {amount(entry['value'])}"


# --- The chart


def chart(facts: Facts) -> str:
    """A line for each day, or for each month of all time: its name, a bar and the amount."""
    days = list(facts["days"])
    if facts["period"] == "all":  # from the first month on
        days = list(dropwhile(lambda day: day["rsnc"] is None, days))
    names = [_day_name(day["day"], facts["period"]) for day in days]
    figures = [NOTHING if day["rsnc"] is None else number(day["rsnc"]) for day in days]
    highest = max((day["rsnc"] or 0 for day in days), default=0)
    name_width, figure_width = max(map(len, names)), max(map(len, figures))
    width = min(max(CHART_WIDTH - name_width - figure_width - 2, SHORTEST_BAR), LONGEST_BAR)
    return "\n".join(
        f"{name:<{name_width}} {bar(day['rsnc'] or 0, highest, width):<{width}} {figure:>{figure_width}}"
        for name, day, figure in zip(names, days, figures, strict=True)
    )


def bar(value: float, highest: float, width: int) -> str:
    """A bar of blocks; `highest` fills the width, 0 and less have no bar."""
    if value <= 0:
        return ""
    eighths = max(round(value / highest * width * 8), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]


def _day_name(day: str | None, period: str) -> str:
    return "before" if day is None else _DAY_NAMES[period](day)
