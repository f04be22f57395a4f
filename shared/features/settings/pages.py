"""Pages of settings: all of them, and one section after a change."""

from shared.discord.reply import Reply, ephemeral_message, page
from shared.features.settings.sections import (
    ADMIN_ROLES,
    CHANNELS,
    ROLE_BONUSES,
    SECTION_LIMIT,
    STREAKS,
    TEST_MODE,
    Section,
    test_mode,
)
from shared.format import PAGE_LIMIT, code, cut, line, truncate_lines
from shared.interactions.outcomes import Facts, declare, outcome_reply

TITLE = "Settings of this server"


def settings_reply(result: Facts) -> Reply:
    """All settings; or why they cannot be shown."""
    if "after" not in result:
        return outcome_reply(result)
    return ephemeral_message(page(TITLE, settings_page(result)))


def section_reply(section: Section, result: Facts) -> Reply:
    """A section as it is now, with its values before a change; or why nothing has changed."""
    if "after" not in result:
        return outcome_reply(result)
    return ephemeral_message(page(section.title, section_page(section, result)))


def settings_page(result: Facts) -> str:
    """All settings, with the command that changes each section."""
    settings = result["after"]
    brand = f"**Brand** (`/setup connect`)\n{_brand(result['brand_id'], result['server_name'])}"
    sections = [_section(section, settings) for section in (STREAKS, CHANNELS, ROLE_BONUSES, ADMIN_ROLES)]
    return "\n\n".join([brand, *sections, f"{_heading(TEST_MODE)}\n{test_mode(settings)}"])


def _brand(brand_id: str, server_name: str | None) -> str:
    brand = code(cut(brand_id, 100))
    return f"{brand} as **{line(server_name, 100)}**" if server_name else brand


def _section(section: Section, settings: Facts) -> str:
    lines = [f"{label}: {value}" for label, value in section.lines(settings).items()]
    shown = truncate_lines(lines, SECTION_LIMIT) if section is not STREAKS else lines
    return "\n".join([_heading(section), *(shown or [section.absent])])


def _heading(section: Section) -> str:
    return f"**{section.title}** (`{section.command}`)"


def section_page(section: Section, result: Facts) -> str:
    """A section: first the lines that a change has changed, with the values before, then the others."""
    now = section.lines(result["after"])
    before = section.lines(result["before"]) if "before" in result else now
    changed = [label for label in dict.fromkeys([*now, *before]) if now.get(label) != before.get(label)]
    lines = [
        f"{label}: **{now.get(label, section.absent)}** (before: {before.get(label, section.absent)})"
        for label in changed
    ]
    rest = [f"{label}: {value}" for label, value in now.items() if label not in changed]
    opening = ["Nothing has changed: it was like this already."] if result["outcome"] == "settings_unchanged" else []
    shown = truncate_lines([*opening, *lines, *rest], PAGE_LIMIT - 800) or [section.absent]
    notes = section.notes(result) if "before" in result else []
    return "\n\n".join(["\n".join(shown), *filter(None, notes)])


declare(
    {
        "settings_refused": lambda f: (
            "Nothing has changed: the settings of this server hold something that is not allowed, "
            f"so they cannot be saved: {line(f['problem'], 300)}. "
            "Please mend that first; `/setup check` shows when it is done."
        ),
    }
)
