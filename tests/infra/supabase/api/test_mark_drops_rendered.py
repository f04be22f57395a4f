"""mark_drops_rendered: what Discord shows is written down, and what it does not show is tried again."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sql import HOUR, MINUTE, NOON, SECOND, Caller, Database, Row

BOB = Caller(user_id="1002", interaction_id="5001")
ENDED: Row = {"ended_at": NOON, "end_reason": "ended"}


def drop_row(db: Database, drop_id: str) -> Row:
    """What a mark may change."""
    return db.one(
        "select message_id, ended_at, end_reason, revision, rendered_revision, render_after, render_attempts,"
        " is_settled from discord_drops where drop_id = %s",
        drop_id,
    )


def handed_out(db: Database, **arguments: Any) -> list[Row]:
    """What the schedule gets to show."""
    drops: list[Row] = db.call("expire_drops", **{"now": NOON} | arguments)["drops"]
    return drops


def rendered(drop: Row, message_id: str | None = "99") -> list[Row]:
    """The drop is shown as it was handed out."""
    return [{"drop_id": drop["drop_id"], "revision": drop["revision"], "message_id": message_id}]


def test_an_open_drop_is_up_to_date_and_not_settled(room: Database) -> None:
    other = room.add_drop(rendered_revision=1)
    before = drop_row(room, other)
    room.add_drop(message_id=None, render_attempts=2)
    (drop,) = handed_out(room)
    result = room.call("mark_drops_rendered", rendered=rendered(drop, "4242"), now=NOON)
    assert result == {"rendered": 1, "gone": 0, "failed": 0}
    assert drop_row(room, drop["drop_id"]) == {
        "message_id": "4242",
        "ended_at": None,
        "end_reason": None,
        "revision": 1,
        "rendered_revision": 1,
        "render_after": NOON,
        "render_attempts": 0,
        "is_settled": False,
    }
    assert drop_row(room, other) == before
    assert handed_out(room, now=NOON + HOUR) == []


@pytest.mark.parametrize("reason", ["expired", "sold_out", "ended", "cancelled"])
def test_a_drop_that_is_over_and_shown_is_settled(room: Database, reason: str) -> None:
    room.add_drop(ended_at=NOON, end_reason=reason)
    (drop,) = handed_out(room)
    room.call("mark_drops_rendered", rendered=rendered(drop), now=NOON)
    row = drop_row(room, drop["drop_id"])
    assert (row["is_settled"], row["rendered_revision"], row["end_reason"]) == (True, 1, reason)


def test_a_claim_between_the_look_and_the_mark_leaves_the_message_behind(room: Database) -> None:
    drop_id = room.add_drop(max_claims=1)
    (seen,) = handed_out(room)
    room.call("claim_drop", BOB, drop_id=drop_id, now=NOON)
    room.call("mark_drops_rendered", rendered=rendered(seen), now=NOON)
    assert drop_row(room, drop_id)["is_settled"] is False
    (again,) = handed_out(room)
    assert (again["claims_count"], again["end_reason"]) == (1, "sold_out")
    assert again["revision"] > seen["revision"]
    room.call("mark_drops_rendered", rendered=rendered(again), now=NOON)
    assert drop_row(room, drop_id)["is_settled"] is True


def test_a_message_that_is_gone_closes_its_drop(room: Database) -> None:
    other = room.add_drop(rendered_revision=1)
    room.add_drop()
    (drop,) = handed_out(room)
    assert room.call("mark_drops_rendered", gone=[drop], now=NOON) == {"rendered": 0, "gone": 1, "failed": 0}
    row = drop_row(room, drop["drop_id"])
    assert (row["ended_at"], row["end_reason"], row["is_settled"]) == (NOON, "message_deleted", True)
    assert room.call("claim_drop", BOB, drop_id=drop["drop_id"], now=NOON)["outcome"] == "drop_ended"
    assert handed_out(room, now=NOON + HOUR) == []
    assert room.call("claim_drop", BOB.again(), drop_id=other, now=NOON)["outcome"] == "claimed"


def test_a_message_that_is_gone_does_not_change_how_its_drop_ended(room: Database) -> None:
    room.add_drop(ended_at=NOON - HOUR, end_reason="sold_out")
    (drop,) = handed_out(room)
    room.call("mark_drops_rendered", gone=[drop], now=NOON)
    row = drop_row(room, drop["drop_id"])
    assert (row["ended_at"], row["end_reason"], row["is_settled"]) == (NOON - HOUR, "sold_out", True)


def test_each_failure_in_a_row_waits_longer_up_to_six_hours(room: Database) -> None:
    room.add_drop()
    (drop,) = handed_out(room)
    delays: list[timedelta] = []
    for attempt in range(1, 13):
        assert room.call("mark_drops_rendered", failed=[drop], now=NOON)["failed"] == 1
        row = drop_row(room, drop["drop_id"])
        assert (row["render_attempts"], row["is_settled"], row["ended_at"]) == (attempt, False, None)
        delays.append(row["render_after"] - NOON)
        assert handed_out(room, now=row["render_after"] - MINUTE / 2) == []
    assert delays == [MINUTE * minutes for minutes in (1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360)]
    assert [each["drop_id"] for each in handed_out(room, now=NOON + 6 * HOUR)] == [drop["drop_id"]]


def test_a_success_ends_the_row_of_failures(room: Database) -> None:
    drop_id = room.add_drop(render_attempts=9, claims_count=1, revision=2)
    (drop,) = handed_out(room)
    room.call("mark_drops_rendered", rendered=rendered(drop), now=NOON)
    room.call("mark_drops_rendered", failed=[drop], now=NOON)
    row = drop_row(room, drop_id)
    assert (row["render_attempts"], row["render_after"]) == (1, NOON + MINUTE)


def test_years_of_failures_are_still_counted(room: Database) -> None:
    drop_id = room.add_drop(render_attempts=5000)
    room.call("mark_drops_rendered", failed=[{"drop_id": drop_id}], now=NOON)
    assert drop_row(room, drop_id)["render_after"] == NOON + 6 * HOUR


def test_what_was_left_may_be_taken_at_once_and_is_no_failure(room: Database) -> None:
    drop_id = room.add_drop(render_attempts=2)
    (drop,) = handed_out(room)
    assert handed_out(room, now=NOON + MINUTE) == []
    result = room.call("mark_drops_rendered", left=[drop], now=NOON + SECOND)
    assert result == {"rendered": 0, "gone": 0, "failed": 0}
    row = drop_row(room, drop_id)
    assert (row["render_after"], row["render_attempts"], row["rendered_revision"]) == (NOON + SECOND, 2, 0)
    assert handed_out(room, now=NOON) == []  # not by the run that left it
    assert handed_out(room, now=NOON + SECOND) == [drop]


def test_what_was_left_late_is_put_off_no_further(room: Database) -> None:
    drop_id = room.add_drop(render_after=NOON)
    room.call("mark_drops_rendered", left=[{"drop_id": drop_id}], now=NOON + HOUR)
    assert drop_row(room, drop_id)["render_after"] == NOON


def test_all_three_at_once(room: Database) -> None:
    ids = {room.add_drop(label=label): label for label in ("shown", "gone", "failed", "untouched")}
    drops = {ids[drop["drop_id"]]: drop for drop in handed_out(room)}
    before = drop_row(room, drops["untouched"]["drop_id"])
    result = room.call(
        "mark_drops_rendered",
        rendered=rendered(drops["shown"]),
        gone=[drops["gone"]],
        failed=[drops["failed"]],
        now=NOON,
    )
    assert result == {"rendered": 1, "gone": 1, "failed": 1}
    assert drop_row(room, drops["untouched"]["drop_id"]) == before


@pytest.mark.parametrize("columns", [{}, ENDED])
def test_a_mark_that_comes_twice_changes_nothing_more(room: Database, columns: Row) -> None:
    room.add_drop(**columns)
    (drop,) = handed_out(room)
    for marks in ({"rendered": rendered(drop)}, {"gone": [drop]}):
        room.call("mark_drops_rendered", **marks, now=NOON)
        before = drop_row(room, drop["drop_id"])
        room.call("mark_drops_rendered", **marks, now=NOON)
        assert drop_row(room, drop["drop_id"]) | {"revision": before["revision"]} == before
        assert handed_out(room, now=NOON + HOUR) == []


def test_a_late_mark_of_an_older_state_neither_goes_back_nor_reopens_the_work(room: Database) -> None:
    drop_id = room.add_drop()
    (old,) = handed_out(room)
    room.run("update discord_drops set ended_at = %s, end_reason = 'ended'", NOON)
    (new,) = handed_out(room, now=NOON + 2 * MINUTE)
    room.call("mark_drops_rendered", rendered=rendered(new), now=NOON)
    settled = drop_row(room, drop_id)
    assert settled["is_settled"] is True
    room.call("mark_drops_rendered", rendered=rendered(old), now=NOON)
    assert drop_row(room, drop_id) == settled


def test_a_mark_without_a_message_keeps_the_one_that_is_known(room: Database) -> None:
    room.add_drop()
    (drop,) = handed_out(room)
    room.call("mark_drops_rendered", rendered=rendered(drop, None), now=NOON)
    assert drop_row(room, drop["drop_id"])["message_id"] == "99"


def test_nothing_to_mark(room: Database) -> None:
    room.add_drop()
    before = room.contents()
    assert room.call("mark_drops_rendered", now=NOON) == {"rendered": 0, "gone": 0, "failed": 0}
    assert room.contents() == before
