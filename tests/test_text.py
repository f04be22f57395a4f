"""Every outcome has a sentence, and figures and times are written one way."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import text
from shared.text import figures, pages, sentences

SQL = Path(__file__).parents[1] / "infra" / "supabase"

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
DROP = {
    "event": "Quest",
    "reward": 10,
    "claims_count": 7,
    "max_claims": 100,
    "expires_at": "2026-03-10T12:00:00+00:00",
    "ended_at": None,
    "end_reason": None,
}
PAID = {"base": 10, "streak": 0, "streak_multiplier": 1.0, "role_multiplier": 1.0, "flat": 0}


# --- Outcomes

# What the commands do not tell as a sentence: other shapes of answers.
NOT_TOLD = {"drop_created", "drop_ended", "drop_expired", "drop_full", "level"}
NOT_TOLD |= {"cooldowns", "history", "leaderboard"}  # pages


def outcomes() -> set[str]:
    """Every outcome that the SQL functions give."""
    files = [*SQL.joinpath("api").glob("*.sql"), *SQL.joinpath("internal").glob("*.sql")]
    source = "\n".join(path.read_text() for path in files)
    given = re.findall(r"'outcome',\s*'([a-z_]+)'", source)
    chosen = re.findall(r"'outcome',\s*case\b(.*?)\bend\b", source, re.DOTALL)
    return {*given, *(name for part in chosen for name in re.findall(r"(?:then|else) '([a-z_]+)'", part))}


def test_every_outcome_has_a_sentence() -> None:
    assert {"claimed", "cooldown", "event_exists", "server_not_connected"} <= outcomes()
    assert outcomes() - NOT_TOLD - set(sentences.SENTENCES) == set()


@pytest.mark.parametrize(
    ("outcome", "facts", "moment"),
    [
        ("cooldown", {"event": "Quest", "retry_at": "2026-03-10T13:00:00+00:00"}, 1773147600),
        ("already_welcomed", {"amount": 50, "claimed_at": "2026-03-10T12:00:00.9+00:00"}, 1773144000),
        ("milestone_taken", {"days": 7, "amount": 50, "claimed_at": "2026-03-10T12:00:00+00:00"}, 1773144000),
        ("already_checked_in", {"streak": 3, "next_at": "2026-03-11T00:00:00+00:00"}, 1773187200),
        ("already_claimed", {"amount": 5, "claimed_at": "2026-03-10T12:00:00.123456+00:00", "place": 1}, 1773144000),
    ],
)
def test_every_not_yet_says_when(outcome: str, facts: dict[str, Any], moment: int) -> None:
    assert f"<t:{moment}:R>" in text.sentence(outcome, facts)


STREAK: dict[str, Any] = {
    "streak": 0,
    "longest": 0,
    "multiplier": 1.0,
    "checked_in_today": False,
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
    ],
)
def test_a_streak_says_what_to_do_for_it(facts: dict[str, Any], said: str) -> None:
    assert said in text.sentence("streak", STREAK | facts)


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


# --- Figures and times


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (5, "5"),
        (10, "10"),
        (100, "100"),
        (1_000, "1,000"),
        (1_000_000, "1,000,000"),
        (1234.5, "1,234.5"),
        (31.25, "31.25"),
        (11.38, "11.38"),
        (0.1, "0.1"),
        (-25, "-25"),
        (-1_234.5, "-1,234.5"),
        (-0.0, "0"),
        (-0.001, "0"),
        (0.004, "0"),
        (1_000_000_000_000.99, "1,000,000,000,000.99"),
        (2**63 - 1, "9,223,372,036,854,775,807"),
    ],
)
def test_a_figure_has_the_decimals_that_it_needs(value: float, written: str) -> None:
    assert figures.number(value) == written
    assert figures.amount(value) == f"{written} RSNC"


@given(st.integers(-(10**14), 10**14))
def test_a_figure_can_be_read_back(hundredths: int) -> None:
    assert round(float(figures.number(hundredths / 100).replace(",", "")) * 100) == hundredths


@pytest.mark.parametrize(
    ("value", "written"), [(27.5, "+27.5 RSNC"), (0, "+0 RSNC"), (-50, "-50 RSNC"), (1_000, "+1,000 RSNC")]
)
def test_a_change_has_a_sign(value: float, written: str) -> None:
    assert figures.change(value) == written


@pytest.mark.parametrize(
    ("value", "noun", "written"), [(0, "claim", "0 claims"), (1, "claim", "1 claim"), (1_500, "day", "1,500 days")]
)
def test_a_noun_agrees_with_its_figure(value: int, noun: str, written: str) -> None:
    assert figures.count(value, noun) == written


@pytest.mark.parametrize("iso", ["2026-03-10T12:00:00+00:00", "2026-03-10T12:00:00.5+00:00", "2026-03-10T12:00:00Z"])
def test_a_moment_is_in_seconds(iso: str) -> None:
    assert figures.moment(iso) == "<t:1773144000:R>"


@pytest.mark.parametrize("iso", ["infinity", "-infinity", "13432-01-01T00:00:00+00:00"])
def test_a_moment_that_nobody_lives_to_see_is_no_error(iso: str) -> None:
    assert figures.moment(iso) == "in the far future"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_a_moment_is_the_one_of_postgres(at: datetime) -> None:
    aware = at.replace(tzinfo=UTC)
    assert figures.moment(aware.isoformat()) == f"<t:{int(aware.timestamp() // 1)}:R>"


@given(st.text())
def test_what_was_typed_formats_nothing(typed: str) -> None:
    escaped = figures.escape(typed)
    assert re.sub(r"\\(.)", r"\1", escaped, flags=re.DOTALL) == typed
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|>\[\]<#]", escaped)


def test_two_mentions_and_a_link_are_plain_text() -> None:
    assert figures.escape("<@1> [a](b)") == r"\<@1\> \[a\](b)"


@given(st.text())
def test_a_name_that_was_typed_stays_between_its_backticks(typed: str) -> None:
    written = figures.code(typed)
    assert written[0] == written[-1] == "`"
    assert "`" not in written[1:-1]
    assert len(written.splitlines()) == 1


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    assert figures.code("a\ud800b").encode() == b"`a?b`"


@given(st.text(max_size=300))
def test_what_was_typed_stays_on_its_line(typed: str) -> None:
    assert len(figures.line(typed, 80).splitlines()) <= 1
    assert len(figures.line(typed, 80)) <= 160


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
        ({"claimable": True}, "claimable by members"),
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


# --- Drops


def test_an_open_drop_tells_what_to_do() -> None:
    lines = pages.drop_lines(DROP)
    assert "**10 RSNC**" in lines
    assert "7 of 100 claimed" in lines
    assert "<t:1773144000:R>" in lines
    assert "7 claims" in pages.drop_lines(DROP | {"max_claims": None})
    assert "<t:" not in pages.drop_lines(DROP | {"expires_at": None})


def test_every_way_to_end_is_told() -> None:
    constraint = re.search(
        r"end_reason not in \((.*?)\)", SQL.joinpath("migrations", "005_drops.sql").read_text(), re.DOTALL
    )
    assert constraint
    reasons = set(re.findall(r"'([a-z_]+)'", constraint[1]))
    assert reasons == set(pages.DROP_ENDINGS)
    for reason in reasons:
        assert "Press the button" not in pages.drop_lines(DROP | {"end_reason": reason})
        assert "7 of 100 claimed" in pages.drop_lines(DROP | {"end_reason": reason})


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
