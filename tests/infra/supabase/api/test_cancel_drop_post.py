"""cancel_drop_post: Discord refused the message, so the drop is over."""

from dataclasses import replace

import pytest

from tests.sql import ADMIN, HOUR, NOON, Caller, Database


def test_the_drop_is_closed_and_nobody_posts_it_later(seeded: Database) -> None:
    drop, other = seeded.add_drop(message_id=None), seeded.add_drop(message_id=None, render_after=NOON + 2 * HOUR)
    before = seeded.drop(other)
    assert seeded.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON) == {"outcome": "drop_not_posted"}
    row = seeded.one("select ended_at, end_reason, is_settled from discord_drops where drop_id = %s", drop)
    assert list(row.values()) == [NOON, "not_posted", True]
    assert seeded.drop(other) == before
    later = seeded.call("expire_drops", now=NOON + HOUR)
    assert (later["expired"], later["drops"]) == (0, [])
    click = Caller(user_id="1002", interaction_id="5001")
    assert seeded.call("claim_drop", click, drop_id=drop, now=NOON)["outcome"] == "drop_ended"


@pytest.mark.parametrize(
    "columns",
    [
        {"message_id": "99"},
        {"message_id": None, "server_id": "78"},
        {"message_id": None, "ended_at": NOON - HOUR, "end_reason": "expired"},
    ],
)
def test_a_drop_that_was_posted_or_is_over_or_elsewhere_stays(seeded: Database, columns: dict[str, object]) -> None:
    drop = seeded.add_drop(**columns)
    before = seeded.contents()
    assert seeded.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON) == {"outcome": "drop_not_posted"}
    assert seeded.contents() == before


def test_a_redelivery_changes_nothing(seeded: Database) -> None:
    drop = seeded.add_drop(message_id=None)
    seeded.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON)
    before = seeded.contents()
    seeded.call("cancel_drop_post", replace(ADMIN, interaction_id="5901"), drop_id=drop, now=NOON + HOUR)
    assert seeded.contents() == before


def test_a_reaction_that_discord_refused_closes_the_drop(seeded: Database) -> None:
    drop = seeded.add_drop(drop_type="reaction", emoji="🎉")
    seeded.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON)
    row = seeded.drop(drop)
    assert (row["end_reason"], row["ended_at"], row["is_settled"], row["is_collected"]) == (
        "not_posted",
        NOON,
        True,
        True,
    )


@pytest.mark.parametrize("message", [None, "99"])
def test_a_message_of_ours_with_reactions_stays_once_it_is_known(seeded: Database, message: str | None) -> None:
    drop = seeded.add_drop(drop_type="reaction", emoji="🎉", is_own_message=True, message_id=message)
    seeded.call("cancel_drop_post", ADMIN, drop_id=drop, now=NOON)
    assert (seeded.drop(drop)["end_reason"] is None) == (message is not None)
