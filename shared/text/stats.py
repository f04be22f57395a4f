"""What a server has paid in a period, as figures and as a chart of text."""

from datetime import date
from itertools import dropwhile

from shared.format import Facts, amount, called, count, escape, event_name, moment, number
from shared.text.leaderboards import PERIODS

CHART_WIDTH = 34  # characters of a code block that a phone shows in one line
LONGEST_BAR, SHORTEST_BAR = 16, 4
NOTHING = "-"

_CHARTS = {"week": "Day by day", "month": "Day by day", "all": "Month by month"}
_DAY_NAMES = {"week": "%a", "month": "%d %a", "all": "%b %Y"}
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def stats_title(facts: Facts) -> str:
    """The headline of the figures."""
    return f"Figures, {PERIODS[facts['period']].lower()}"


def stats(facts: Facts) -> str:
    """The figures of a period, below their headline."""
    ends = f"{PERIODS[facts['period']]} ends {moment(facts['ends_at'])}." if facts["ends_at"] else ""
    if not facts["events"]:
        return "\n\n".join(filter(None, ["Nobody has earned anything in this time.", ends]))
    sections = [
        _summary(facts),
        "\n".join(["**Top events**", *map(_event_line, facts["events"])]),
        "\n".join(["**Top earners**", *map(_earner_line, facts["top"])]) if facts["top"] else "",
        "\n".join(filter(None, [f"**{_CHARTS[facts['period']]}**, RSNC", f"```\n{chart(facts)}\n```", ends])),
    ]
    return "\n\n".join(filter(None, sections))


def _summary(facts: Facts) -> str:
    """Who was active, and what it came to: what was taken back is told where there is any."""
    paid, taken = facts["paid"], facts["taken_back"]
    made_of = f" ({amount(paid)} paid, {amount(taken)} taken back)" if taken else ""
    return (
        f"**{count(facts['members'], 'active member')}**, **{count(facts['rewards'], 'reward')}**\n"
        f"**{amount(paid - taken)}** distributed{made_of}"
    )


def _event_line(event: Facts) -> str:
    name = called(event) if event["label"] else escape(event_name(event["event"]))
    return f"{name}: {count(event['rewards'], 'time')}, {amount(event['rsnc'])}"


def _earner_line(entry: Facts) -> str:
    return f"**{number(entry['rank'])}.** <@{entry['user_id']}> {amount(entry['value'])}"


# --- The chart


def chart(facts: Facts) -> str:
    """A line a day, or a month of all time: its name, a bar as long as the amount, the amount."""
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
    """A bar of blocks, the highest as long as the width; what came to less than nothing has none."""
    if value <= 0:
        return ""
    eighths = max(round(value / highest * width * 8), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]


def _day_name(day: str | None, period: str) -> str:
    if day is None:
        return "before"
    return format(date.fromisoformat(day), _DAY_NAMES[period])
