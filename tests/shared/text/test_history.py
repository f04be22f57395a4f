"""A line of the history says what for, and a page fits whatever other programs wrote."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared.text import history

from infra.fake_discord import openapi
from shared.discord.reply import private_message
from shared.features import history as commands

ENTRY = {
    "amount": 27.5,
    "source": "daily",
    "event": "Daily check-in",
    "reason": None,
    "at": "2026-03-10T12:00:00+00:00",
    "balance": 1234.5,
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Daily check-in"),
        ({"source": "drop", "event": "Quest"}, "Drop: Quest"),
        ({"source": "claim", "event": "Welcome bonus"}, "Welcome bonus"),
        ({"source": "milestone", "event": "streak_milestone:7"}, "7-day streak bonus"),
        ({"source": "grant", "event": "Quest", "reason": "well *done*"}, r"Reward: Quest (well \*done\*)"),
        ({"source": "activity", "event": "Chat"}, "Activity: Chat"),
        ({"source": "reversal", "event": "Quest", "reason": "twice"}, "Taken back: Quest (twice)"),
        ({"source": "reversal", "event": "streak_milestone:7"}, "Taken back: 7-day streak bonus"),
        ({"source": "claim", "event": "a_quest"}, r"a\_quest"),
        ({"source": "drop", "event": "{event} {0}"}, "Drop: {event} {0}"),
    ],
)
def test_a_line_of_the_history_says_what_for(facts: dict[str, Any], said: str) -> None:
    assert history.history_line(ENTRY | facts) == (f"**+27.5 RSNC** {said}, <t:1773144000:R>, total 1,234.5 RSNC")


def test_every_source_of_the_ledger_is_worded() -> None:
    for source in ("daily", "drop", "claim", "milestone", "grant", "activity", "reversal"):
        assert "RSNC" in history.history_line(ENTRY | {"source": source})


def test_what_was_taken_back_has_a_minus() -> None:
    assert history.history_line(ENTRY | {"amount": -50, "balance": -12.25}).startswith("**-50 RSNC**")
    assert history.history_line(ENTRY | {"balance": -12.25}).endswith("total -12.25 RSNC")


@given(st.text(max_size=5_000), st.text(max_size=5_000))
def test_a_page_of_the_history_fits(event: str, reason: str) -> None:
    entry = ENTRY | {"source": "grant", "event": event, "reason": reason, "amount": 1e12, "balance": 1e14}
    result = {"entries": [entry] * 5, "page": 2, "pages": 7, "total": 33}
    shown = commands.render(result, "5" * 20)
    openapi.check_reply(json.loads(json.dumps(private_message(shown))))
    assert shown["embeds"][0]["description"].count("total 100,000,000,000,000 RSNC") == 5


def test_which_page_it_is_of_how_many_entries() -> None:
    assert history.page_of(2, 7, 33) == "Page 2 of 7, 33 entries"
    assert history.page_of(1, 1_000, 4_996) == "Page 1 of 1,000, 4,996 entries"
    assert history.page_of(1, 1, 5) == history.page_of(1, 0, 0) == ""
