"""Refusals say why, and a "not yet" says when."""

import re
from typing import Any

import pytest

from shared.interactions.outcomes import SENTENCES, is_refusal
from tests.shared.features.rows import sentence_of

# Refusals that never lift, or of which nobody knows when they do.
OPEN_ENDED = {
    "too_many_watches",
    "drop_not_found",
    "server_not_connected",
    "event_not_found",
    "event_disabled",
    "member_disabled",
    "member_pending",
    "test_mode",
    "channel_excluded",
    "limit_reached",
    "total_limit_reached",
    "event_not_claimable",
    "detection_invalid",
    "picture_refused",
    "preview_over",
    "trigger_not_taken",
    "milestone_unknown",
    "page_gone",
    "migration_missing",
    "not_allowed",
    "already_done",
    "post_not_allowed",
    "connected_elsewhere",
    "confirmation_missing",
    "event_exists",
    "event_is_brand_wide",
    "cooldown_not_taken",
    "drop_not_posted",
    "member_not_here",
    "bot_not_paid",
    "brand_disabled",
    "brand_key_refused",
    "entry_not_found",
    "entry_is_reversal",
    "balance_too_low",
    "member_not_disabled",
    "drop_unknown",
    "drop_over",
    "max_claims_too_low",
    "message_not_replyable",
    "message_not_reactable",
    "emoji_foreign",
    "field_not_shown",
    "reaction_drop_exists",
    "reaction_refused",
    "watch_exists",
    "watch_unknown",
    "watch_over",
    "permissions_missing",
}
AT = "2026-03-10T12:00:00.9+00:00"
REFUSED: dict[str, Any] = {
    "event": "Quest",
    "amount": 50,
    "days": 7,
    "reward": 50,
    "streak": 3,
    "next_milestone": {"days": 7, "reward": 50},
    "entry": 7,
    "actor_id": "9001",
    **dict.fromkeys(["claimed_at", "retry_at", "next_at", "reached_at", "revoked_at", "until"], AT),
}


@pytest.mark.parametrize("outcome", sorted(set(filter(is_refusal, SENTENCES)) - OPEN_ENDED))
def test_every_not_yet_says_when(outcome: str) -> None:
    assert re.search("<t:1773144000:[RD]>", sentence_of(outcome, REFUSED))


@pytest.mark.parametrize(
    ("outcome", "limit", "said"),
    [
        ("limit_reached", 3, "You have earned **Quest** as often as one member can: 3 times."),
        ("cooldown", 3, "You have earned **Quest** as often as one member can: 3 times."),
        ("limit_reached", 0, "**Quest** cannot be earned at the moment."),
        ("total_limit_reached", 0, "**Quest** cannot be earned at the moment."),
        ("total_limit_reached", 1, "**Quest** is used up: all members together can earn it 1 time."),
        ("total_limit_reached", 2, "**Quest** is used up: all members together can earn it 2 times."),
    ],
)
def test_who_can_never_again_is_told_no_time(outcome: str, limit: int, said: str) -> None:
    assert sentence_of(outcome, REFUSED | {"limit": limit}) == said


def test_a_label_of_another_program_stays_in_its_line() -> None:
    said = sentence_of("cooldown", REFUSED | {"event": "A\n" + "long " * 1_000})
    assert "\n" not in said
    assert len(said) < 200


@pytest.mark.parametrize("reason", ["Spam.", "Spam", "Spam\n."])
def test_a_reason_ends_with_one_full_stop(reason: str) -> None:
    said = sentence_of("member_disabled", {"reason": reason})
    assert re.search(r"server: Spam ?\. They resume", said)


def test_a_reason_of_an_admin_is_quoted_and_may_be_absent() -> None:
    assert "spam" in sentence_of("member_disabled", {"reason": "spam"})
    assert "None" not in sentence_of("member_disabled", {"reason": None})


@pytest.mark.parametrize(("limit", "said"), [(1, "1 "), (3, "3 "), (1_000, "1,000 ")])
def test_a_limit_is_told(limit: int, said: str) -> None:
    for outcome in ("limit_reached", "total_limit_reached"):
        assert said in sentence_of(outcome, {"event": "Quest", "limit": limit})
