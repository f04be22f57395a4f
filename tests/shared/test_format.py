"""Figures, times, mentions and what somebody typed are written one way."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import format as figures


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
    assert figures.time_of_day(iso) == "<t:1773144000:t>"
    assert figures.date(iso) == "<t:1773144000:D>"
    assert figures.last_minute(iso) == "<t:1773143940:F>"


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
    assert re.sub(r"\\(.)", r"\1", escaped, flags=re.DOTALL) == figures.visible(typed)
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


@pytest.mark.parametrize("text", ["", "a word", "5" * 21, "٣", "5\n"])
def test_what_is_no_id_is_no_mention(text: str) -> None:
    assert "<" not in figures.role_mention(text)
    assert "<" not in figures.channel_mention(text)


UNSEEN = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)]  # direction
UNSEEN += [
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u180e",
    "\u034f",
    "\u3164",
    "\u2800",
    "\x00",
    "\x1b",
    "\x7f",
    "\x9b",
]


@pytest.mark.parametrize("mark", UNSEEN, ids=ascii)
def test_what_nobody_sees_is_not_written(mark: str) -> None:
    typed = f"a{mark}b {mark} c{mark}"
    assert figures.visible(typed) == "ab  c"
    assert figures.cut(typed, 100) == "ab  c"
    assert figures.escape(typed) == "ab  c"
    assert figures.code(typed) == "`ab c`"
    assert figures.line(typed, 100) == "ab c"
    assert figures.one_line(typed) == "ab c"
    assert figures.event_name(typed) == "ab c"
    assert figures.paragraphs(typed) == "ab  c"
    assert figures.label_or_name({"label": mark, "event": "quest"}) == "`quest`"
    assert figures.event_name(f"streak_milestone{mark}:7{mark}") == "7-day streak bonus"


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f468\u200d\U0001f469",
        "\u2764\ufe0f",
        "\u0646\u0645\u06cc\u200c\u062e",
        "\u05e9\u05dc\u05d5\u05dd",
        "\u00e9",
        "a\u0301",
    ],
)
def test_emoji_and_scripts_stay(text: str) -> None:
    assert figures.line(text, 100) == text


def test_an_amount_is_not_turned_around() -> None:
    assert figures.line("Quest \u202e000,1\u202c", 80) == "Quest 000,1"


def test_paragraphs_keep_their_form_and_show_where_links_lead() -> None:
    typed = "# Big\n**bold** https://a.example\n[Claim](https://evil.example) [x]\u200b(https://evil.example)"
    shown = figures.paragraphs(typed)
    assert shown == ("# Big\n**bold** https://a.example\n[Claim]\\(https://evil.example) [x]\\(https://evil.example)")


@given(st.text(alphabet="[](a\\\u200b\u202e"))
def test_no_paragraph_hides_where_a_link_leads(typed: str) -> None:
    assert "](" not in figures.paragraphs(typed)


@pytest.mark.parametrize("text", ["", "alice", "5" * 21, "5> **x**"])
def test_what_is_no_id_mentions_no_member(text: str) -> None:
    assert figures.member_mention(text).startswith("`")
    assert figures.member_mention("5") == "<@5>"


def test_a_day_has_three_names_in_plain_text() -> None:
    assert [figures.weekday("2026-03-10"), figures.day_of_month("2026-03-10"), figures.month("2026-03-10")] == [
        "Tue",
        "10 Tue",
        "Mar 2026",
    ]


def test_sentences_in_a_row_leave_out_the_empty_ones() -> None:
    assert figures.sentences("It paid 5 RSNC.", "", "It is over.") == "It paid 5 RSNC. It is over."
    assert figures.sentences("", "") == ""


@pytest.mark.parametrize(
    ("parts", "written"), [("A", "A"), ("AB", "A or B"), ("ABC", "A, B or C"), ("ABCDE", "A, B, C or 2 more")]
)
def test_alternatives(parts: str, written: str) -> None:
    assert figures.alternatives(list(parts), 3) == written


def test_megabytes() -> None:
    assert [figures.megabytes(10 * 2**20), figures.megabytes(1.5 * 2**20)] == ["10 MB", "1.5 MB"]
