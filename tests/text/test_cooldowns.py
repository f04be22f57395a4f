"""What can be taken is listed with all that a member wants to know, and it fits."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.local import openapi
from shared.reply import embed, message_payload, private_message
from shared.text import cooldowns

AT = "2026-03-10T12:00:00+00:00"
COOLDOWNS: dict[str, Any] = {"daily": None, "ready": [], "waiting": [], "used_up": []}


def test_nothing_to_take_is_said() -> None:
    assert "Look out for drops" in cooldowns.cooldowns(COOLDOWNS)


def test_what_is_used_up_tells_its_limit() -> None:
    photo, once = {"event": "photo", "label": "Photo of the day"}, {"event": "once", "label": None}
    used_up = [photo | {"limit": 3}, once | {"limit": 1}]
    assert cooldowns.cooldowns(COOLDOWNS | {"used_up": used_up}).splitlines() == [
        "**Used up**",
        "Photo of the day: 3 times",
        "`once`: 1 time",
    ]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=300), st.none() | st.text(max_size=3_000)), max_size=200))
def test_cooldowns_fit(names: list[tuple[str, str | None]]) -> None:
    events = [{"event": event, "label": label, "reward": 1, "retry_at": AT, "limit": 1} for event, label in names]
    page = cooldowns.cooldowns(
        {"daily": {"next_at": AT, "streak": 3}, "ready": events, "waiting": events, "used_up": events}
    )
    shown = embed(cooldowns.COOLDOWNS_TITLE, page)
    assert shown["description"] == page
    openapi.check_reply(json.loads(json.dumps(private_message(message_payload(embeds=[shown])))))
