"""What can be taken is listed with all that a member wants to know, and it fits."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from shared.text import cooldowns

from infra.fake_discord import openapi
from shared.discord.reply import embed, message_payload, private_message

AT = "2026-03-10T12:00:00+00:00"
COOLDOWNS: dict[str, Any] = {"refusal": None, "daily": None, "ready": [], "waiting": [], "used_up": []}


def test_nothing_to_take_is_said() -> None:
    assert "Look out for drops" in cooldowns.cooldowns(COOLDOWNS)


def test_what_is_used_up_is_named() -> None:
    used_up = [{"event": "photo", "label": "Photo of the day"}, {"event": "once", "label": ""}]
    shown = cooldowns.cooldowns(COOLDOWNS | {"used_up": used_up})
    assert shown.splitlines() == ["**Used up**", "Photo of the day", "`once`"]


def test_who_can_take_nothing_reads_that_first() -> None:
    refusal = {"outcome": "member_disabled", "reason": "Spam."}
    ready = [{"event": "photo", "label": None, "reward": 5}]
    shown = cooldowns.cooldowns(COOLDOWNS | {"refusal": refusal, "ready": ready})
    assert shown.startswith("**Not now:** An admin has paused your rewards in this server: Spam. They resume")
    assert "**Ready**" in shown


@given(st.lists(st.tuples(st.text(min_size=1, max_size=300), st.none() | st.text(max_size=3_000)), max_size=200))
def test_cooldowns_fit(names: list[tuple[str, str | None]]) -> None:
    events = [{"event": event, "label": label, "reward": 1, "retry_at": AT} for event, label in names]
    refusal = {"outcome": "member_disabled", "reason": "x" * 1_000}
    daily = {"next_at": AT, "streak": 3}
    page = cooldowns.cooldowns(
        {"refusal": refusal, "daily": daily, "ready": events, "waiting": events, "used_up": events}
    )
    shown = embed(cooldowns.COOLDOWNS_TITLE, page)
    assert shown["description"] == page
    openapi.check_reply(json.loads(json.dumps(private_message(message_payload(embeds=[shown])))))
