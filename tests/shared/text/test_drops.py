"""The message of a drop says what to do, or how it ended."""

import re

from shared.text import drops

from shared import format as figures
from tests import ROOT

DROPS_SQL = ROOT / "infra" / "supabase" / "migrations" / "005_drops.sql"

DROP = {
    "event": "Quest",
    "reward": 10,
    "claims_count": 7,
    "max_claims": 100,
    "expires_at": "2026-03-10T12:00:00+00:00",
    "ended_at": None,
    "end_reason": None,
}


def test_an_open_drop_tells_what_to_do() -> None:
    lines = drops.drop_lines(DROP)
    assert "**10 RSNC**" in lines
    assert "7 of 100 claimed" in lines
    assert "<t:1773144000:R>" in lines
    assert "7 claims" in drops.drop_lines(DROP | {"max_claims": None})
    assert "<t:" not in drops.drop_lines(DROP | {"expires_at": None})


def test_every_way_to_end_is_told() -> None:
    constraint = re.search(r"end_reason not in \((.*?)\)", DROPS_SQL.read_text(), re.DOTALL)
    assert constraint
    reasons = set(re.findall(r"'([a-z_]+)'", constraint[1]))
    assert reasons == set(drops.DROP_ENDINGS)
    for reason in reasons:
        assert "Press the button" not in drops.drop_lines(DROP | {"end_reason": reason})
        has_result = "7 of 100 claimed" in drops.drop_lines(DROP | {"end_reason": reason})
        assert has_result == (reason != "cancelled")


def test_admins_are_told_every_way_to_end() -> None:
    assert set(drops.ENDED_FOR_ADMINS) == set(drops.DROP_ENDINGS)


LISTED = DROP | {
    "title": "Quest",
    "label": None,
    "server_id": "77",
    "channel_id": "88",
    "message_id": "99",
    "seconds_left": 7_300,
}


def test_an_open_drop_is_a_line_with_a_link() -> None:
    assert drops.drop_line(LISTED) == (
        "**Quest**: 10 RSNC, 7 of 100 claimed, ends <t:1773144000:R>, "
        "[message](https://discord.com/channels/77/88/99) in <#88>"
    )
    line = drops.drop_line(LISTED | {"expires_at": None, "max_claims": None, "message_id": None, "label": "Grab *it*"})
    assert line == "**Quest** (Grab \\*it\\*): 10 RSNC, 7 claims, permanent, not posted yet"


def test_a_suggestion_says_it_in_plain_words() -> None:
    assert drops.drop_choice(LISTED) == "Quest: 7 of 100 claimed, 2 hours left"
    forever = LISTED | {"seconds_left": None, "label": "Grab", "max_claims": None}
    assert drops.drop_choice(forever) == "Quest (Grab): 7 claims, permanent"


def test_a_suggestion_of_any_length_keeps_its_figures() -> None:
    choice = drops.drop_choice(LISTED | {"title": "very " * 1_000, "claims_count": 10**6, "max_claims": 10**6})
    assert len(choice) == figures.CHOICE_LIMIT
    assert choice.endswith("…: 1,000,000 of 1,000,000 claimed, 2 hours left")


def test_a_list_says_how_many_more_there_are() -> None:
    found = {"drops": [LISTED] * 100, "total": 250}
    *lines, more = drops.drop_list(found).splitlines()
    assert more == f"… and {250 - len(lines)} more"
    assert len(drops.drop_list(found)) < 3_500
