"""What is told about settings fits a reply, whatever other programs wrote, and formats nothing that they typed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared.text import settings as words

from shared.format import PAGE_LIMIT

FACTS: dict[str, Any] = {"timezone": "*x*`", "channel_id": "5", "role": "`*me*", "problem": "*bad*\nvery"}

numbers = st.integers(1, 10**6) | st.floats(1, 1e9)
any_settings = st.fixed_dictionaries(
    {
        "timezone": st.text(max_size=300),
        "grace_hours": st.integers(1, 72),
        "tiers": st.lists(st.fixed_dictionaries({"days": numbers, "multiplier": st.floats(1, 5)}), max_size=80),
        "milestones": st.lists(st.fixed_dictionaries({"days": numbers, "reward": numbers}), max_size=50),
        "defaults": st.just([]),
        "role_bonuses": st.lists(
            st.fixed_dictionaries({"role": st.text(), "multiplier": st.floats(1, 5), "flat": st.floats(0, 1000)})
        ),
        "admin_roles": st.lists(st.fixed_dictionaries({"role": st.text(max_size=300), "level": st.integers(1, 4)})),
        "excluded_channels": st.lists(st.text(max_size=300)),
        "admin_channel": st.none() | st.text(max_size=300),
        "test_mode": st.fixed_dictionaries({"enabled": st.booleans(), "role": st.none() | st.text(max_size=300)}),
    }
)
SECTIONS = [words.STREAKS, words.CHANNELS, words.ROLE_BONUSES, words.ADMIN_ROLES, words.TEST_MODE]


@pytest.mark.parametrize("outcome", sorted(words._SENTENCES))
def test_a_refusal_says_that_nothing_has_changed(outcome: str) -> None:
    said = words.said(FACTS | {"outcome": outcome})
    assert said.startswith("Nothing has changed: ")
    assert "\n" not in said


def test_what_somebody_typed_formats_nothing() -> None:
    assert "`*x*'`" in words.said(FACTS | {"outcome": "time_zone_unknown"})
    assert "`'*me*`" in words.said(FACTS | {"outcome": "role_bonus_unknown"})
    assert r"\*bad\* very" in words.said(FACTS | {"outcome": "settings_refused"})


def test_what_is_no_setting_is_told_as_usual() -> None:
    assert "**full admin**" in words.said({"outcome": "not_allowed", "required_level": 4})


@given(any_settings, any_settings, st.sampled_from(SECTIONS), st.integers(0, 4), st.none() | st.integers(-1500, 1500))
def test_every_page_fits(
    before: dict[str, Any], after: dict[str, Any], section: words.Section, level: int, shift: int | None
) -> None:
    told = {"outcome": "settings_changed", "before": before, "after": after, "level": level, "clock_shift": shift}
    assert 1 <= len(words.section_page(section, told)) <= PAGE_LIMIT
    page = words.settings_page({"brand_id": "b" * 500, "server_name": "*" * 500, "after": after})
    assert len(page) <= PAGE_LIMIT
    assert "**Test mode**" in page


@pytest.mark.parametrize(
    ("offset", "shown"),
    [(0, "UTC"), (60, "UTC+1"), (-210, "UTC-3:30"), (345, "UTC+5:45"), (-1, "UTC-0:01"), (840, "UTC+14")],
)
def test_a_zone_is_suggested_with_its_clock(offset: int, shown: str) -> None:
    assert words.zone_choice({"zone": "A/B", "offset": offset}) == f"A/B ({shown})"


@given(st.text(max_size=200))
def test_a_suggestion_fits(role: str) -> None:
    assert len(words.bonus_choice({"role": role, "multiplier": 4.75, "flat": 999.99})) <= 100
    assert len(words.admin_role_choice({"role": role, "level": 3})) <= 100


@pytest.mark.parametrize("text", ["", "a word", "5" * 21, "٣", "5\n"])
def test_what_is_no_id_is_no_mention(text: str) -> None:
    assert "<" not in words.role_mention(text)
    assert "<" not in words.channel_mention(text)
