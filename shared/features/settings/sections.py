"""The sections of a server's settings: how each is written, and what a change of it means."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.features.streak.words import milestones_list
from shared.format import amount, channel_mention, code, count, cut, number, role_mention, truncate_lines
from shared.interactions.outcomes import Facts
from shared.interactions.registry import Level

EVERYBODY_HAS_IT = "Nothing has changed: everybody has @everyone."
SECTION_LIMIT = 450  # characters; the page of all settings holds four sections, beside the bonuses for streaks


@dataclass(frozen=True)
class Section:
    """A part of the settings that one command changes."""

    title: str
    command: str
    lines: Callable[[Facts], dict[str, str]]  # values by their labels
    absent: str = "none"  # the value of a label that is missing
    notes: Callable[[Facts], list[str]] = lambda _: []  # on the result of a change; empty texts are left out


# --- Streaks


def _streaks(settings: Facts) -> dict[str, str]:
    values = {
        "timezone": ("Time zone", code(cut(settings["timezone"], 100))),
        "grace_hours": ("Grace", count(settings["grace_hours"], "hour")),
        "tiers": ("Multipliers", _tiers(settings["tiers"]) or "none"),
        "milestones": ("Bonuses", milestones_list(settings["milestones"]) or "none"),
    }
    return {
        label: f"{value} (the default)" if name in settings["defaults"] else value
        for name, (label, value) in values.items()
    }


def _tiers(tiers: list[Facts]) -> str:
    """Streak multipliers in a row: 3 days ×1.1, 7 days ×1.25."""
    written = [f"{count(tier['days'], 'day')} ×{number(tier['multiplier'])}" for tier in tiers]
    return ", ".join(truncate_lines(written, SECTION_LIMIT))


def _streak_notes(result: Facts) -> list[str]:
    before, after = result["before"], result["after"]
    return [
        _clock_note(result["clock_shift"]) if before["timezone"] != after["timezone"] else "",
        "Streaks end sooner with that, and some may be over now. Setting it back at once brings them back."
        if after["grace_hours"] < before["grace_hours"]
        else "",
    ]


def _clock_note(shift: int | None) -> str:
    """What another time zone means; `shift` is how many minutes earlier days begin."""
    kept = "What was paid stays in its day, and so do check-ins."
    if not shift:
        return f"Days go by the clock of that zone from now on. {kept}"
    hours = count(abs(shift) / 60, "hour")
    if shift > 0:
        return (
            f"Days begin {hours} earlier from now on, and so does the next `/daily`. Streaks end that much earlier "
            f"too, and some may be over now; setting the zone back at once brings them back. {kept}"
        )
    return (
        f"Days begin {hours} later from now on: whoever has checked in waits that much longer for the next `/daily`, "
        f"and streaks live that much longer. {kept}"
    )


STREAKS = Section("Streaks", "/config streaks", _streaks, notes=_streak_notes)


# --- Channels


def _channels(settings: Facts) -> dict[str, str]:
    admin_channel = settings["admin_channel"]
    return {"Admin channel": channel_mention(admin_channel) if admin_channel else "none"} | {
        channel_mention(channel): "excluded, nobody earns there" for channel in settings["excluded_channels"]
    }


def _channel_notes(result: Facts) -> list[str]:
    before, after = result["before"], result["after"]
    return [
        "Its threads count as it does, and so do the channels of a category. A drop that is open there pays nobody "
        "until you include it again."
        if len(after["excluded_channels"]) > len(before["excluded_channels"])
        else "",
        "Admins read there what happens: rewards given and revoked, drops that have ended, changed settings, paused "
        "watches; at most one message a minute."
        if after["admin_channel"] and after["admin_channel"] != before["admin_channel"]
        else "",
    ]


CHANNELS = Section("Channels", "/config channels", _channels, absent="not excluded", notes=_channel_notes)


# --- Roles


def _role_bonuses(settings: Facts) -> dict[str, str]:
    return {role_mention(bonus["role"]): role_bonus(bonus) for bonus in settings["role_bonuses"]}


def role_bonus(bonus: Facts) -> str:
    """What a role earns more: ×2, +5 RSNC."""
    parts = [
        f"×{number(bonus['multiplier'])}" if bonus["multiplier"] > 1 else "",
        f"+{amount(bonus['flat'])}" if bonus["flat"] > 0 else "",
    ]
    return ", ".join(filter(None, parts)) or "nothing more"


ROLE_BONUSES = Section("Role bonuses", "/config role-bonus", _role_bonuses)


def _admin_roles(settings: Facts) -> dict[str, str]:
    return {role_mention(role["role"]): Level(role["level"]).label for role in settings["admin_roles"]}


def _level_notes(result: Facts) -> list[str]:
    """Warn admins who have lowered their own level."""
    level = Level(result["level"])
    if level == Level.FULL_ADMIN:
        return []
    left = f"You are {level.label} from now on." if level else "You have no level here any more."
    return [
        f"⚠️ That was your own level. {left} You cannot change settings now. "
        "Somebody with Manage Server can, and can give it back to you."
    ]


ADMIN_ROLES = Section("Admin roles", "/config admin-roles", _admin_roles, notes=_level_notes)


# --- Test mode


def test_mode(settings: Facts) -> str:
    """Whether test mode is on, and who then earns."""
    if not settings["test_mode"]["enabled"]:
        return "off"
    role = settings["test_mode"]["role"]
    return f"on, only admins and {role_mention(role)} earn" if role else "on, only admins earn"


TEST_MODE = Section("Test mode", "/config test-mode", lambda settings: {"Test mode": test_mode(settings)})
