"""Every outcome has a sentence, and it says what a member wants to know."""

import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from shared.text import sentences, settings

from shared import text
from tests import ROOT

SQL = ROOT / "infra" / "supabase"

EVENT = {
    "event": "quest",
    "label": None,
    "reward": 10,
    "cooldown_hours": None,
    "max_claims": None,
    "max_total_claims": None,
    "claimable": False,
    "enabled": True,
    "brand_wide": False,
}
PAID = {"base": 10, "streak": 0, "streak_multiplier": 1.0, "role_multiplier": 1.0, "flat": 0}


# --- Outcomes

# What the commands do not tell as a sentence: other shapes of answers.
NOT_TOLD = {"drop_created", "drop_ended", "drop_expired", "drop_full", "level"}
NOT_TOLD |= {"audit", "stats"}
NOT_TOLD |= {"cooldowns", "drops", "history", "leaderboard", "member"}  # pages
NOT_TOLD |= {"settings", "settings_changed", "settings_unchanged", "server_check"}  # pages
NOT_TOLD |= {"entries", "time_zones"}  # suggestions
NOT_TOLD |= {"batch"}  # a part of a file


def outcomes() -> set[str]:
    """Every outcome that the SQL functions give."""
    files = [*SQL.joinpath("api").glob("*.sql"), *SQL.joinpath("internal").glob("*.sql")]
    source = "\n".join(path.read_text() for path in files)
    given = re.findall(r"'outcome',\s*'([a-z_]+)'", source)
    paid = re.findall(r"paid_before\(\w+, '([a-z_]+)'", source)
    chosen = re.findall(r"'outcome',\s*case\b(.*?)\bend\b", source, re.DOTALL)
    return {*given, *paid, *(name for part in chosen for name in re.findall(r"(?:then|else) '([a-z_]+)'", part))}


def test_every_outcome_has_a_sentence() -> None:
    assert {"claimed", "cooldown", "event_claimed", "event_exists", "server_not_connected"} <= outcomes()
    assert outcomes() - NOT_TOLD - set(sentences.SENTENCES) - set(settings._SENTENCES) == set()


# Refusals that never lift, or of which nobody knows when they do.
OPEN_ENDED = {
    "drop_not_found",
    "server_not_connected",
    "event_not_found",
    "event_disabled",
    "member_disabled",
    "test_mode",
    "channel_excluded",
    "limit_reached",
    "total_limit_reached",
    "event_not_claimable",
    "milestone_unknown",
    "page_gone",
    "migration_missing",
    "not_allowed",
    "connected_elsewhere",
    "confirmation_missing",
    "event_exists",
    "event_is_brand_wide",
    "drop_not_posted",
    "member_not_here",
    "bot_not_paid",
    "entry_not_found",
    "entry_is_reversal",
    "balance_too_low",
    "member_not_disabled",
    "drop_unknown",
    "drop_over",
    "max_claims_too_low",
    "message_not_replyable",
    "event_off",
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
    **dict.fromkeys(["claimed_at", "retry_at", "next_at", "reached_at", "revoked_at"], AT),
}


@pytest.mark.parametrize("outcome", sorted(set(sentences.REFUSALS) - OPEN_ENDED))
def test_every_not_yet_says_when(outcome: str) -> None:
    assert "<t:1773144000:R>" in text.sentence(outcome, REFUSED)


@pytest.mark.parametrize(
    ("outcome", "limit", "said"),
    [
        ("limit_reached", 3, "You have earned **Quest** as often as one member can: 3 times."),
        ("cooldown", 3, "You have earned **Quest** as often as one member can: 3 times."),
        ("limit_reached", 0, "**Quest** cannot be earned at the moment."),
        ("total_limit_reached", 0, "**Quest** cannot be earned at the moment."),
        ("total_limit_reached", 1, "**Quest** is used up: this server's 1 claim is taken."),
        ("total_limit_reached", 2, "**Quest** is used up: this server's 2 claims are taken."),
    ],
)
def test_who_can_never_again_is_told_no_time(outcome: str, limit: int, said: str) -> None:
    assert text.sentence(outcome, REFUSED | {"limit": limit}) == said


def test_a_label_of_another_program_stays_in_its_line() -> None:
    said = text.sentence("cooldown", REFUSED | {"event": "A\n" + "long " * 1_000})
    assert "\n" not in said
    assert len(said) < 200


@pytest.mark.parametrize("reason", ["Spam.", "Spam", "Spam\n."])
def test_a_reason_ends_with_one_full_stop(reason: str) -> None:
    said = text.sentence("member_disabled", {"reason": reason})
    assert re.search(r"server: Spam ?\. They resume", said)


def test_a_milestone_that_can_be_reached_today_says_so() -> None:
    today = REFUSED | {"reached_at": None, "streak": 6}
    for outcome in ("milestone_not_reached", "no_milestone"):
        assert text.sentence(outcome, today).endswith("Check in today with `/daily`, and you reach it.")


def test_no_milestone_to_come_promises_none() -> None:
    said = text.sentence("no_milestone", REFUSED | {"next_milestone": None, "reached_at": None})
    assert said == "No streak bonus is waiting for you, and there is none to come."


STREAK: dict[str, Any] = {
    "streak": 0,
    "longest": 0,
    "multiplier": 1.0,
    "is_open": True,
    "next_at": None,
    "deadline": None,
    "next_milestone": None,
    "milestones": [],
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "You have no streak at the moment.\nCheck in now with `/daily`."),
        ({"streak": 1, "longest": 1}, "Your streak is **1 day**.\nCheck in now with `/daily`."),
        ({"milestones": [{"days": 7.5, "reward": 50}]}, "the bonus for 7.5 days (50 RSNC)"),
        ({"streak": 2, "next_milestone": {"days": 7, "reward": 50}}, "5 more days to the 7-day bonus of 50 RSNC."),
        ({"streak": 2, "multiplier": 1.1}, "It multiplies your rewards: ×1.1."),
        ({"streak": 2, "deadline": AT}, "Check in now with `/daily`. Your streak ends <t:1773144000:R> without it."),
        ({"is_open": False}, "You have no streak at the moment.\nThe daily check-in is closed at the moment."),
        ({"streak": 2, "next_at": AT}, "The next check-in opens <t:1773144000:R>."),
    ],
)
def test_a_streak_says_what_to_do_for_it(facts: dict[str, Any], said: str) -> None:
    assert said in text.sentence("streak", STREAK | facts)


def test_no_streak_is_no_streak_of_0_days() -> None:
    nothing = REFUSED | {"streak": 0, "longest": 0, "member_id": "5", "total": 0, "rank": None}
    for outcome in ("milestone_not_reached", "already_checked_in"):
        assert "You have no streak at the moment." in text.sentence(outcome, nothing)
    assert text.sentence("balance", nothing | {"is_own": True}).endswith("\nYou have no streak at the moment.")
    others = text.sentence("balance", nothing | {"is_own": False, "longest": 8})
    assert others.endswith("\nThey have no streak at the moment, the longest was 8 days.")


@pytest.mark.parametrize(
    ("claims_left", "retry_at", "said"),
    [
        (None, None, ""),
        (0, "2026-03-10T12:00:00+00:00", "That was the last time that you could take it. "),
        (2, None, "You can take it 2 more times. "),
        (1, "2026-03-10T12:00:00+00:00", "You can take it 1 more time, next <t:1773144000:R>. "),
        (None, "2026-03-10T12:00:00+00:00", "You can take it again <t:1773144000:R>. "),
    ],
)
def test_a_claim_says_when_the_next_can_be(claims_left: int | None, retry_at: str | None, said: str) -> None:
    assert sentences.once_more({"claims_left": claims_left, "retry_at": retry_at}) == said
    assert claims_left is not None or sentences.once_more({"retry_at": retry_at}) == said


def test_what_all_members_share_is_not_promised_to_one() -> None:
    shared = {"is_shared": True, "claims_left": 2, "retry_at": AT}
    said = "You can take it 2 more times, next <t:1773144000:R>, while this server's claims last. "
    assert sentences.once_more(shared) == said


def test_a_missing_migration_is_named_for_whoever_runs_the_bot() -> None:
    said = text.sentence("migration_missing", {"migration": "008"})
    assert "migration 008" in said
    assert "Everything else works" in said


def test_very_many_milestones_fit_a_message() -> None:
    milestones = [{"days": 10**6 + number, "reward": 10**9} for number in range(500)]
    facts = STREAK | {"milestones": milestones, "days": 8}
    assert len(text.sentence("streak", facts)) < 2_000
    assert len(text.sentence("milestone_unknown", facts)) < 2_000


def test_a_reason_of_an_admin_is_quoted_and_may_be_absent() -> None:
    assert "spam" in text.sentence("member_disabled", {"reason": "spam"})
    assert "None" not in text.sentence("member_disabled", {"reason": None})


@pytest.mark.parametrize(("limit", "said"), [(1, "1 "), (3, "3 "), (1_000, "1,000 ")])
def test_a_limit_is_told(limit: int, said: str) -> None:
    for outcome in ("limit_reached", "total_limit_reached"):
        assert said in text.sentence(outcome, {"event": "Quest", "limit": limit})


# --- Parts of sentences


def test_how_an_amount_came_about() -> None:
    assert sentences.made_of(PAID) == ""
    assert sentences.made_of(PAID | {"streak": 7, "streak_multiplier": 1.25}) == " (10 RSNC, streak of 7 days ×1.25)"
    assert sentences.made_of(PAID | {"role_multiplier": 2.0}) == " (10 RSNC, role ×2)"
    assert sentences.made_of(PAID | {"flat": 5}) == " (10 RSNC, role +5 RSNC)"
    everything = {"streak": 30, "streak_multiplier": 2.0, "role_multiplier": 1.5, "flat": 0.5}
    assert sentences.made_of(PAID | everything) == " (10 RSNC, streak of 30 days ×2, role ×1.5, role +0.5 RSNC)"


def test_a_place() -> None:
    assert sentences.place(7, 100) == "7 of 100"
    assert sentences.place(1_234, None) == "number 1,234"


def test_how_far_it_is_to_the_next_milestone() -> None:
    facts = {"streak": 6, "next_milestone": {"days": 7, "reward": 50}}
    assert "1 more day to" in sentences.milestone(facts)
    assert "50 RSNC" in sentences.milestone(facts)
    assert sentences.milestone({"streak": 400, "next_milestone": None}) == ""


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"cooldown_hours": 1}, "1 hour"),
        ({"cooldown_hours": 12}, "12 hours"),
        ({"max_claims": 3}, "3 a member"),
        ({"max_total_claims": 1_000}, "1,000 in all"),
        ({"claimable": True}, "claimable by members **without any limit**"),
        ({"claimable": True, "max_claims": 1}, "1 a member, claimable by members"),
        ({"enabled": False}, "**off**"),
        ({"brand_wide": True}, "brand-wide"),
        ({"label": "a *label*"}, r"a \*label\*"),
    ],
)
def test_a_line_of_an_event_tells_its_limits(facts: dict[str, Any], said: str) -> None:
    assert said in sentences.event_line(EVENT | facts)
    assert said not in sentences.event_line(EVENT)


@pytest.mark.parametrize("number", [0, 1, 10, 200])
def test_a_list_of_events_fits_a_message(number: int) -> None:
    listed = sentences.event_list([EVENT | {"event": f"{n:050}", "label": "*" * 80} for n in range(number)])
    shown = [line for line in listed.splitlines() if not line.startswith("…")]
    assert len(listed) <= 1_800
    assert len(shown) == number or f"{number - len(shown)} more" in listed


# --- Why Discord refused a message


@pytest.mark.parametrize("code", [50001, 50013, 10003, 50008, 160005])
def test_why_discord_refused_is_told_in_words(code: int) -> None:
    assert str(code) not in sentences.discord_problem(code)


def test_an_unknown_refusal_is_told_with_its_code() -> None:
    assert "12345" in sentences.discord_problem(12345)


def test_a_refusal_without_a_code_is_no_error_0() -> None:
    assert "error 0" not in sentences.discord_problem(0)


# --- Options


def test_a_problem_with_an_option_is_a_sentence() -> None:
    problems = [("lifespan", "Value error, should look like 90s"), ("reward", "Input should be greater than 0")]
    assert sentences.option_problems([*problems, ("brand_id", "Field required")]).splitlines()[1:] == [
        "`lifespan` should look like 90s",
        "`reward` should be greater than 0",
        "`brand_id` is missing",
    ]
    said = sentences.option_problems(
        [("member", "String should match pattern '^[0-9]{1,20}$'"), ("a`b", "Input is odd")]
    )
    assert said.splitlines()[1:] == ["`member` should be picked from what Discord offers", "`a'b` is odd"]


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (int, 1e308, "should be a smaller number"),
        (int, "9" * 5_000, "should be a smaller number"),
        (int, "many", "should be a valid integer"),
        (int, 1.5, "should be a valid integer"),
        (float, "x", "should be a valid number"),
        (bool, 2, "should be a valid boolean"),
    ],
)
def test_no_problem_tells_how_we_parse(kind: type, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (problem,) = caught.value.errors()
    assert sentences.option_problems([("it", problem["msg"])]).endswith(f"\n`it` {said}")
