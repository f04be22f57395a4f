"""cancel_drop_post: Discord refused the message, so the drop is over."""

from dataclasses import replace

import pytest

from tests.sql import ADMIN, HOUR, NOON, Caller, Database


def test_the_drop_is_closed_and_nobody_posts_it_later(room: Database) -> None:
    drop, other = room.add_drop(message_id=None), room.add_drop(message_id=None, render_after=NOON + 2 * HOUR)
    before = room.one("select * from discord_drops where drop_id = %s", other)
    assert room.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON) == {"outcome": "drop_not_posted"}
    row = room.one("select ended_at, end_reason, is_settled from discord_drops where drop_id = %s", drop)
    assert list(row.values()) == [NOON, "not_posted", True]
    assert room.one("select * from discord_drops where drop_id = %s", other) == before
    later = room.call("expire_drops", now=NOON + HOUR)
    assert (later["expired"], later["drops"]) == (0, [])
    click = Caller(user_id="1002", interaction_id="5001")
    assert room.call("claim_drop", click, drop_id=drop, now=NOON)["outcome"] == "drop_ended"


@pytest.mark.parametrize(
    "columns",
    [
        {"message_id": "99"},
        {"message_id": None, "server_id": "78"},
        {"message_id": None, "ended_at": NOON - HOUR, "end_reason": "expired"},
    ],
)
def test_a_drop_that_was_posted_or_is_over_or_elsewhere_stays(room: Database, columns: dict[str, object]) -> None:
    drop = room.add_drop(**columns)
    before = room.contents()
    assert room.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON) == {"outcome": "drop_not_posted"}
    assert room.contents() == before


def test_a_redelivery_changes_nothing(room: Database) -> None:
    drop = room.add_drop(message_id=None)
    room.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON)
    before = room.contents()
    room.call("cancel_drop_post", replace(ADMIN, interaction_id="5901"), drop_id=drop, now=NOON + HOUR)
    assert room.contents() == before
