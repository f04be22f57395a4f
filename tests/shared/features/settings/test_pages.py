"""What is told about settings fits a reply, whatever other programs wrote, and formats nothing that they typed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.features.settings import pages, sections
from shared.format import PAGE_LIMIT
from tests.shared.features.rows import sentence_of

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
SECTIONS = [sections.STREAKS, sections.CHANNELS, sections.ROLE_BONUSES, sections.ADMIN_ROLES, sections.TEST_MODE]


REFUSALS = [
    "admin_role_unknown",
    "channel_not_excluded",
    "everyone_no_admin",
    "everyone_no_tester",
    "everyone_without_bonus",
    "role_bonus_empty",
    "role_bonus_unknown",
    "settings_refused",
    "time_zone_unknown",
]


@pytest.mark.parametrize("outcome", REFUSALS)
def test_a_refusal_says_that_nothing_has_changed(outcome: str) -> None:
    said = sentence_of(outcome, FACTS)
    assert said.startswith("Nothing has changed: ")
    assert "\n" not in said


def test_what_somebody_typed_formats_nothing() -> None:
    assert "`*x*'`" in sentence_of("time_zone_unknown", FACTS)
    assert "`'*me*`" in sentence_of("role_bonus_unknown", FACTS)
    assert r"\*bad\* very" in sentence_of("settings_refused", FACTS)


def test_what_is_no_setting_is_told_as_usual() -> None:
    refused = {"outcome": "not_allowed", "required_level": 4}
    for reply in (pages.settings_reply(refused), pages.section_reply(sections.STREAKS, refused)):
        assert "**full admin**" in reply["data"]["content"]


@given(any_settings, any_settings, st.sampled_from(SECTIONS), st.integers(0, 4), st.none() | st.integers(-1500, 1500))
def test_every_page_fits(
    before: dict[str, Any], after: dict[str, Any], section: sections.Section, level: int, shift: int | None
) -> None:
    told = {"outcome": "settings_changed", "before": before, "after": after, "level": level, "clock_shift": shift}
    assert 1 <= len(pages.section_page(section, told)) <= PAGE_LIMIT
    page = pages.settings_page({"brand_id": "b" * 500, "server_name": "*" * 500, "after": after})
    assert len(page) <= PAGE_LIMIT
    assert "**Test mode**" in page
