"""What admins read about a server's settings."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.format import CHOICE_LIMIT, PAGE_LIMIT, Facts, amount, code, count, cut, fitting, is_id, line, number
from shared.text.sentences import LEVELS, Sentences, bonuses, sentence

SETTINGS_TITLE = "Settings of this server"
SECTION_LIMIT = 450  # four of them go into the page of all settings, beside the bonuses for streaks

_EVERYONE = "Nothing has changed: everybody has @everyone. "

_SENTENCES: Sentences = {
    "time_zone_unknown": lambda f: (
        f"Nothing has changed: there is no time zone {code(cut(f['timezone'], 100))}. "
        "Pick one from what Discord suggests while you type, such as `Europe/Berlin`."
    ),
    "channel_not_excluded": lambda f: f"Nothing has changed: {channel_mention(f['channel_id'])} is not excluded.",
    "role_bonus_unknown": lambda f: f"Nothing has changed: {role_mention(f['role'])} has no bonus. See `/config show`.",
    "role_bonus_empty": lambda f: (
        f"Nothing has changed: say what {role_mention(f['role'])} is to get, a `multiplier`, a `flat` amount or both."
    ),
    "admin_role_unknown": lambda f: f"Nothing has changed: {role_mention(f['role'])} has no level. See `/config show`.",
    "everyone_no_admin": lambda _: (
        f"{_EVERYONE}Choose a role that only those have who are to look after Resonance here."
    ),
    "everyone_without_bonus": lambda _: (
        f"{_EVERYONE}To pay everybody more, change what the events pay with `/config events edit`."
    ),
    "everyone_no_tester": lambda _: (
        f"{_EVERYONE}To let everybody earn, switch test mode off with `/config test-mode enabled:False`."
    ),
    "settings_refused": lambda f: (
        "Nothing has changed: the settings of this server hold something that is not allowed, "
        f"so they cannot be saved: {line(f['problem'], 300)}. Put that right first; `/setup check` tells when it is."
    ),
}


def said(result: Facts) -> str:
    """An outcome that is no page of settings."""
    outcome = result["outcome"]
    return _SENTENCES[outcome](result) if outcome in _SENTENCES else sentence(outcome, result)


# --- The sections of the settings


@dataclass(frozen=True)
class Section:
    """A part of the settings that one command changes: its lines by what they are about."""

    title: str
    command: str
    lines: Callable[[Facts], dict[str, str]]
    absent: str = "none"  # what is said of a line that there is not


def _streaks(settings: Facts) -> dict[str, str]:
    values = {
        "timezone": ("Time zone", code(cut(settings["timezone"], 100))),
        "grace_hours": ("Grace", count(settings["grace_hours"], "hour")),
        "tiers": ("Multipliers", tiers(settings["tiers"]) or "none"),
        "milestones": ("Bonuses", bonuses(settings["milestones"]) or "none"),
    }
    return {
        label: value + (" (the default)" if name in settings["defaults"] else "")
        for name, (label, value) in values.items()
    }


def tiers(listed: list[Facts]) -> str:
    """Streak multipliers in a row: 3 days ×1.1, 7 days ×1.25."""
    shown = [f"{count(tier['days'], 'day')} ×{number(tier['multiplier'])}" for tier in listed]
    return ", ".join(fitting(shown, SECTION_LIMIT))


def _channels(settings: Facts) -> dict[str, str]:
    admin_channel = settings["admin_channel"]
    return {"Admin channel": channel_mention(admin_channel) if admin_channel else "none"} | {
        channel_mention(channel): "excluded, nobody earns there" for channel in settings["excluded_channels"]
    }


def _role_bonuses(settings: Facts) -> dict[str, str]:
    return {role_mention(bonus["role"]): _bonus(bonus) for bonus in settings["role_bonuses"]}


def _bonus(bonus: Facts) -> str:
    parts = [
        f"×{number(bonus['multiplier'])}" if bonus["multiplier"] > 1 else "",
        f"+{amount(bonus['flat'])}" if bonus["flat"] > 0 else "",
    ]
    return ", ".join(filter(None, parts)) or "nothing more"


def _admin_roles(settings: Facts) -> dict[str, str]:
    return {role_mention(role["role"]): LEVELS[role["level"]] for role in settings["admin_roles"]}


def _test_mode(settings: Facts) -> dict[str, str]:
    return {"Test mode": f"on, {testers(settings)} earn" if settings["test_mode"]["enabled"] else "off"}


def testers(settings: Facts) -> str:
    """Who earns in test mode."""
    role = settings["test_mode"]["role"]
    return f"only admins and {role_mention(role)}" if role else "only admins"


STREAKS = Section("Streaks", "/config streaks", _streaks)
CHANNELS = Section("Channels", "/config channels", _channels, absent="not excluded")
ROLE_BONUSES = Section("Role bonuses", "/config role-bonus", _role_bonuses)
ADMIN_ROLES = Section("Admin roles", "/config admin-roles", _admin_roles)
TEST_MODE = Section("Test mode", "/config test-mode", _test_mode)


def role_mention(role_id: str) -> str:
    """A role as people see it, or what another program wrote for one."""
    return f"<@&{role_id}>" if is_id(role_id) else code(cut(role_id, 100))


def channel_mention(channel_id: str) -> str:
    """A channel as people see it, or what another program wrote for one."""
    return f"<#{channel_id}>" if is_id(channel_id) else code(cut(channel_id, 100))


# --- Pages


def settings_page(result: Facts) -> str:
    """All settings, with the command that changes each section."""
    name = f" as **{line(result['server_name'], 100)}**" if result["server_name"] else ""
    brand = f"**Brand** (`/setup connect`)\n{code(cut(result['brand_id'], 100))}{name}"
    sections = [_section(section, result["after"]) for section in (STREAKS, CHANNELS, ROLE_BONUSES, ADMIN_ROLES)]
    test_mode = f"**Test mode** (`{TEST_MODE.command}`)\n{_test_mode(result['after'])['Test mode']}"
    return "\n\n".join([brand, *sections, test_mode])


def _section(section: Section, settings: Facts) -> str:
    lines = [f"{label}: {value}" for label, value in section.lines(settings).items()]
    shown = fitting(lines, SECTION_LIMIT) if section is not STREAKS else lines
    return "\n".join([f"**{section.title}** (`{section.command}`)", *(shown or [section.absent])])


def section_page(section: Section, result: Facts) -> str:
    """A section as it is now; after a change that stands first, with what was before."""
    now = section.lines(result["after"])
    before = section.lines(result["before"]) if "before" in result else now
    changed = [label for label in [*now, *before] if now.get(label) != before.get(label)]
    lines = [
        f"{label}: **{now.get(label, section.absent)}** (before: {before.get(label, section.absent)})"
        for label in dict.fromkeys(changed)
    ]
    rest = [f"{label}: {value}" for label, value in now.items() if label not in changed]
    opening = ["Nothing has changed: it is so already."] if result["outcome"] == "settings_unchanged" else []
    shown = fitting([*opening, *lines, *rest], PAGE_LIMIT - 800) or [section.absent]
    return "\n\n".join(["\n".join(shown), *(_notes(result) if "before" in result else [])])


# --- What a change means


def _notes(result: Facts) -> list[str]:
    before, after = result["before"], result["after"]
    notes = [
        _clock_note(result) if before["timezone"] != after["timezone"] else "",
        "Streaks end sooner with that, and some may be over now. Setting it back at once brings them back."
        if after["grace_hours"] < before["grace_hours"]
        else "",
        "A thread is a channel of its own: exclude it too, if need be."
        if len(after["excluded_channels"]) > len(before["excluded_channels"])
        else "",
        "Resonance posts nothing there yet; the channel is kept for notices to admins."
        if after["admin_channel"] and after["admin_channel"] != before["admin_channel"]
        else "",
        _level_note(result["level"]),
    ]
    return list(filter(None, notes))


def _clock_note(result: Facts) -> str:
    kept = "What was paid stays in its day, and so do check-ins."
    shift = result["clock_shift"]
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


def _level_note(level: int) -> str:
    if level == max(LEVELS):
        return ""
    left = f"you are {LEVELS[level]} from now on" if level else "you have no level here any more"
    return (
        f"⚠️ That was your own level: {left}, and cannot change settings. "
        "Somebody with Manage Server can, and can give it back to you."
    )


# --- Suggestions


def zone_choice(zone: Facts) -> str:
    """A time zone as a suggestion: Asia/Kolkata (UTC+5:30)."""
    hours, minutes = divmod(abs(zone["offset"]), 60)
    ahead = f"{'-' if zone['offset'] < 0 else '+'}{hours}" if zone["offset"] else ""
    return f"{zone['zone']} (UTC{ahead}{f':{minutes:02}' if minutes else ''})"


def bonus_choice(bonus: Facts) -> str:
    """A role with a bonus as a suggestion, which knows no mentions."""
    return _id_choice(bonus["role"], _bonus(bonus))


def admin_role_choice(role: Facts) -> str:
    """A role with a level as a suggestion."""
    return _id_choice(role["role"], LEVELS[role["level"]])


def _id_choice(name: str, has: str) -> str:
    return f"{cut(name, CHOICE_LIMIT - len(has) - 2)}: {has}"
