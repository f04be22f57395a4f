"""What admins read about a member is about the member, and fits whatever other programs wrote."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared.text import care, sentences

AT = "2026-03-10T12:00:00.9+00:00"
FACTS: dict[str, Any] = {"member_id": "1002", "event": "Quest", "reason": "spam", "retry_at": AT, "limit": 2}
ENTRY: dict[str, Any] = {"amount": -0.5, "source": "drop", "event": "Quest", "day": "2026-03-10", "entry": 123}


@pytest.mark.parametrize("outcome", sorted(care._ABOUT))
def test_a_refusal_is_not_told_as_if_the_admin_were_refused(outcome: str) -> None:
    said = care.about_member(FACTS | {"outcome": outcome})
    assert "you" not in said.lower()
    assert said != sentences.sentence(outcome, FACTS)


def test_a_cooldown_says_when() -> None:
    facts = {"outcome": "cooldown", "member_id": "1002", "event": "Quest", "retry_at": AT}
    assert care.about_member(facts) == "<@1002> can earn **Quest** again <t:1773144000:R>."


def test_a_limit_of_none_is_nobodys_fault() -> None:
    said = care.about_member(FACTS | {"outcome": "limit_reached", "limit": 0})
    assert said == "**Quest** cannot be earned at the moment."


def test_what_is_not_about_a_member_is_told_as_usual() -> None:
    said = care.about_member({"outcome": "not_allowed", "required_level": 3})
    assert "**event manager**" in said


def test_a_suggestion_has_the_amount_what_for_the_day_and_the_number() -> None:
    assert care.entry_choice(ENTRY) == "-0.5 RSNC Drop: Quest, 2026-03-10 (no. 123)"
    assert "7-day streak bonus" in care.entry_choice(ENTRY | {"source": "milestone", "event": "streak_milestone:7"})


@given(st.text(max_size=5_000), st.sampled_from(["drop", "grant", "claim"]))
def test_a_suggestion_fits(event: str, source: str) -> None:
    facts = {"event": event, "source": source, "amount": 1e12, "entry": 10**15}
    assert len(care.entry_choice(ENTRY | facts)) <= 100
