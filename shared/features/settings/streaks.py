"""/config streaks: when a day begins, how long a streak lives and what it is worth."""

import re
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from shared.discord.reply import Reply
from shared.features.settings.pages import section_reply
from shared.features.settings.sections import STREAKS
from shared.format import amount, code, cut, number
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare
from shared.interactions.problems import WrongValueError
from shared.interactions.registry import Level, OptionKind, command

MOST_STEPS = 50  # the database has the same limit for milestones
MOST_DAYS = 100_000
MOST_REWARD = 1_000_000_000

Step = tuple[int, float]  # days, and the multiplier or reward from then on
Steps = list[dict[str, Any]] | Literal["default"]

_NAMED: dict[str, Steps] = {"default": "default", "none": []}


def zone_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The time zones whose names contain what was typed."""
    found = interaction.rpc("list_time_zones", search=typed)
    return [(zone_choice(zone), zone["zone"]) for zone in found.get("zones", [])]


def _steps(typed: str, example: str) -> list[Step]:
    """Pairs of days and a figure, the days ascending: 3:1.1, 7:1.25."""
    steps = [_step(part, example) for part in re.split(r"[,;\n]", typed) if part.strip()]
    if not 1 <= len(steps) <= MOST_STEPS:
        raise WrongValueError(
            "{name} must be 1 to {most} pairs, such as {example}.", most=number(MOST_STEPS), example=example
        )
    if not all(1 <= days <= MOST_DAYS for days, _ in steps):
        raise WrongValueError("The days in {name} must be from 1 to {most}.", most=number(MOST_DAYS))
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(steps)):
        raise WrongValueError("{name} must be in the order of the days, with each number of days once.")
    return steps


def _step(part: str, example: str) -> Step:
    pair = re.fullmatch(r"([0-9]{1,9})\s*:\s*([0-9]{1,12}(?:\.[0-9]{1,2})?)", part.strip(), re.ASCII)
    if pair is None:
        raise WrongValueError(
            "{name} must be pairs such as {example}: whole days, and a number with no more than two decimals.",
            example=example,
        )
    return int(pair[1]), float(pair[2]) if "." in pair[2] else int(pair[2])


def _tiers(typed: object) -> Steps:
    if (named := _NAMED.get(str(typed).strip().lower())) is not None:
        return named
    steps = _steps(str(typed), "3:1.1, 7:1.25")
    if not all(1 <= multiplier <= 5 for _, multiplier in steps):
        raise WrongValueError("{name} may multiply by 1.0 to 5.0.")
    if any(later < earlier for (_, earlier), (_, later) in pairwise(steps)):
        raise WrongValueError("{name} may not fall: a longer streak is worth as much as a shorter one, or more.")
    return [{"days": days, "multiplier": multiplier} for days, multiplier in steps]


def _milestones(typed: object) -> Steps:
    if (named := _NAMED.get(str(typed).strip().lower())) is not None:
        return named
    steps = _steps(str(typed), "7:50, 30:200")
    if not all(0 < reward <= MOST_REWARD for _, reward in steps):
        raise WrongValueError("{name} must pay more than 0 RSNC and no more than {most}.", most=amount(MOST_REWARD))
    return [{"days": days, "reward": reward} for days, reward in steps]


TimeZone = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    OptionKind(complete=zone_choices),
    Field(description="Whose midnight begins a day, such as Europe/Berlin", min_length=1, max_length=100),
]
Grace = Annotated[
    int,
    Field(description="Hours that a streak lives after the day of its last check-in, 1 to 72", ge=1, le=72),
]
Tiers = Annotated[
    Steps,
    BeforeValidator(_tiers),
    OptionKind(),
    Field(description="Multipliers by days, such as 3:1.1, 7:1.25; or none, or default"),
]
Milestones = Annotated[
    Steps,
    BeforeValidator(_milestones),
    OptionKind(),
    Field(description="Bonuses by days, such as 7:50, 30:200; or none, or default"),
]


@command("config streaks", requires=Level.FULL_ADMIN)
def set_streaks(
    interaction: Interaction,
    timezone: TimeZone | None = None,
    grace: Grace | None = None,
    tiers: Tiers | None = None,
    milestones: Milestones | None = None,
) -> Reply:
    """Show the rules of streaks, or change them; what you leave out stays."""
    given = {"timezone": timezone, "grace_hours": grace, "tiers": tiers, "milestones": milestones}
    if all(value is None for value in given.values()):
        return section_reply(STREAKS, interaction.rpc("get_settings"))
    return section_reply(STREAKS, interaction.rpc("set_streaks", **given))


# --- Words


def zone_choice(zone: Facts) -> str:
    """A time zone as a suggestion: Asia/Kolkata (UTC+5:30)."""
    hours, minutes = divmod(abs(zone["offset"]), 60)
    written = f"{hours}:{minutes:02}" if minutes else f"{hours}"
    if zone["offset"] < 0:
        return f"{zone['zone']} (UTC-{written})"
    return f"{zone['zone']} (UTC+{written})" if zone["offset"] else f"{zone['zone']} (UTC)"


declare(
    {
        "time_zone_unknown": lambda f: (
            f"Nothing has changed: there is no time zone {code(cut(f['timezone'], 100))}. "
            "Choose one from the list, such as `Europe/Berlin`."
        ),
    }
)
