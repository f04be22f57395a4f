"""The message of a drop says what to do, or how it ended."""

import re
from pathlib import Path

from shared.text import drops

DROPS_SQL = Path(__file__).parents[2] / "infra" / "supabase" / "migrations" / "005_drops.sql"

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
        assert "7 of 100 claimed" in drops.drop_lines(DROP | {"end_reason": reason})
