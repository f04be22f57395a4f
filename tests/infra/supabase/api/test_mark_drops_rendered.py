"""mark_drops_rendered: what Discord shows is written down, and what it does not show is tried again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from tests.sql import BOB, HOUR, MINUTE, NOON, SECOND, Database, Row

ENDED: Row = {"ended_at": NOON, "end_reason": "ended"}


def render_state(db: Database, drop_id: str) -> Row:
    """What a mark may change."""
    return db.one(
        "select message_id, ended_at, end_reason, revision, rendered_revision, render_after, render_attempts,"
        " is_settled from discord_drops where drop_id = %s",
        drop_id,
    )


def rendered(drop: Row, message_id: str | None = "99") -> list[Row]:
    """The drop is shown as it was handed out."""
    return [{"drop_id": drop["drop_id"], "revision": drop["revision"], "message_id": message_id}]


def test_an_open_drop_is_up_to_date_and_not_settled(seeded: Database) -> None:
    other = seeded.add_drop(rendered_revision=1)
    before = render_state(seeded, other)
    seeded.add_drop(message_id=None, render_attempts=2)
    (drop,) = seeded.leased_drops()
    result = seeded.call("mark_drops_rendered", rendered=rendered(drop, "4242"), now=NOON)
    assert result == {"rendered": 1, "gone": 0, "failed": 0}
    assert render_state(seeded, drop["drop_id"]) == {
        "message_id": "4242",
        "ended_at": None,
        "end_reason": None,
        "revision": 1,
        "rendered_revision": 1,
        "render_after": NOON,
        "render_attempts": 0,
        "is_settled": False,
    }
    assert render_state(seeded, other) == before
    assert seeded.leased_drops(NOON + HOUR) == []


@pytest.mark.parametrize("reason", ["expired", "sold_out", "ended", "cancelled"])
def test_a_drop_that_is_over_and_shown_is_settled(seeded: Database, reason: str) -> None:
    seeded.add_drop(ended_at=NOON, end_reason=reason)
    (drop,) = seeded.leased_drops()
    seeded.call("mark_drops_rendered", rendered=rendered(drop), now=NOON)
    row = render_state(seeded, drop["drop_id"])
    assert (row["is_settled"], row["rendered_revision"], row["end_reason"]) == (True, 1, reason)


def test_a_claim_between_the_look_and_the_mark_leaves_the_message_behind(seeded: Database) -> None:
    drop_id = seeded.add_drop(max_claims=1)
    (seen,) = seeded.leased_drops()
    seeded.call("claim_drop", BOB, drop_id=drop_id, now=NOON)
    seeded.call("mark_drops_rendered", rendered=rendered(seen), now=NOON)
    assert render_state(seeded, drop_id)["is_settled"] is False
    (again,) = seeded.leased_drops()
    assert (again["claims_count"], again["end_reason"]) == (1, "sold_out")
    assert again["revision"] > seen["revision"]
    seeded.call("mark_drops_rendered", rendered=rendered(again), now=NOON)
    assert render_state(seeded, drop_id)["is_settled"] is True


def test_a_message_that_is_gone_closes_its_drop(seeded: Database) -> None:
    other = seeded.add_drop(rendered_revision=1)
    seeded.add_drop()
    (drop,) = seeded.leased_drops()
    assert seeded.call("mark_drops_rendered", gone=[drop], now=NOON) == {"rendered": 0, "gone": 1, "failed": 0}
    row = render_state(seeded, drop["drop_id"])
    assert (row["ended_at"], row["end_reason"], row["is_settled"]) == (NOON, "message_deleted", True)
    assert seeded.call("claim_drop", BOB, drop_id=drop["drop_id"], now=NOON)["outcome"] == "drop_ended"
    assert seeded.leased_drops(NOON + HOUR) == []
    assert seeded.call("claim_drop", BOB.again(), drop_id=other, now=NOON)["outcome"] == "claimed"


def test_a_message_that_is_gone_does_not_change_how_its_drop_ended(seeded: Database) -> None:
    seeded.add_drop(ended_at=NOON - HOUR, end_reason="sold_out")
    (drop,) = seeded.leased_drops()
    seeded.call("mark_drops_rendered", gone=[drop], now=NOON)
    row = render_state(seeded, drop["drop_id"])
    assert (row["ended_at"], row["end_reason"], row["is_settled"]) == (NOON - HOUR, "sold_out", True)


def test_each_failure_in_a_row_waits_longer_up_to_six_hours(seeded: Database) -> None:
    seeded.add_drop()
    (drop,) = seeded.leased_drops()
    delays: list[timedelta] = []
    for attempt in range(1, 13):
        assert seeded.call("mark_drops_rendered", failed=[drop], now=NOON)["failed"] == 1
        row = render_state(seeded, drop["drop_id"])
        assert (row["render_attempts"], row["is_settled"], row["ended_at"]) == (attempt, False, None)
        delays.append(row["render_after"] - NOON)
        assert seeded.leased_drops(row["render_after"] - MINUTE / 2) == []
    assert delays == [MINUTE * minutes for minutes in (1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360)]
    assert [each["drop_id"] for each in seeded.leased_drops(NOON + 6 * HOUR)] == [drop["drop_id"]]


def test_a_success_ends_the_row_of_failures(seeded: Database) -> None:
    drop_id = seeded.add_drop(render_attempts=9, claims_count=1, revision=2)
    (drop,) = seeded.leased_drops()
    seeded.call("mark_drops_rendered", rendered=rendered(drop), now=NOON)
    seeded.call("mark_drops_rendered", failed=[drop], now=NOON)
    row = render_state(seeded, drop_id)
    assert (row["render_attempts"], row["render_after"]) == (1, NOON + MINUTE)


def test_years_of_failures_are_still_counted(seeded: Database) -> None:
    drop_id = seeded.add_drop(render_attempts=5000)
    seeded.call("mark_drops_rendered", failed=[{"drop_id": drop_id}], now=NOON)
    assert render_state(seeded, drop_id)["render_after"] == NOON + 6 * HOUR


REFUSED = {"rendered": 0, "gone": 0, "failed": 0, "refused": 1, "let_go": 0}


def test_a_refusal_is_tried_again_like_a_failure_and_not_before_it_may_be(seeded: Database) -> None:
    other = seeded.add_drop(rendered_revision=1)
    before = render_state(seeded, other)
    drop_id = seeded.add_drop()
    waits: list[timedelta] = []
    for retry_after in (None, 0, 1163, 100.5, 3600):
        result = seeded.call(
            "mark_drops_rendered", refused=[{"drop_id": drop_id, "retry_after": retry_after}], now=NOON
        )
        assert result == REFUSED
        waits.append(render_state(seeded, drop_id)["render_after"] - NOON)
    assert waits == [MINUTE, 2 * MINUTE, 1163 * SECOND, 8 * MINUTE, HOUR]
    assert render_state(seeded, drop_id)["render_attempts"] == 5
    assert render_state(seeded, other) == before


def test_a_drop_that_is_over_is_let_go_at_its_fifth_refusal(seeded: Database) -> None:
    drop_id = seeded.add_drop(**ENDED)
    refused = [{"drop_id": drop_id}]
    answers = [seeded.call("mark_drops_rendered", refused=refused, now=NOON) for _ in range(5)]
    assert answers == [REFUSED] * 4 + [REFUSED | {"let_go": 1}]
    row = render_state(seeded, drop_id)
    assert (row["is_settled"], row["end_reason"], row["rendered_revision"]) == (True, "ended", 0)
    assert seeded.leased_drops(NOON + 10 * HOUR) == []


def test_an_open_drop_is_never_let_go(seeded: Database) -> None:
    drop_id = seeded.add_drop(render_attempts=400)
    assert seeded.call("mark_drops_rendered", refused=[{"drop_id": drop_id}], now=NOON) == REFUSED
    row = render_state(seeded, drop_id)
    assert (row["is_settled"], row["ended_at"], row["render_after"]) == (False, None, NOON + 6 * HOUR)


def test_a_drop_that_was_let_go_is_told_to_whoever_clicks(seeded: Database) -> None:
    drop_id = seeded.add_drop(**ENDED, render_attempts=4)
    seeded.call("mark_drops_rendered", refused=[{"drop_id": drop_id}], now=NOON)
    answer = seeded.call("claim_drop", BOB, drop_id=drop_id, now=NOON)
    assert (answer["outcome"], answer["drop"]["end_reason"]) == ("drop_ended", "ended")


def test_the_release_before_reads_no_other_names(seeded: Database) -> None:
    assert set(seeded.call("mark_drops_rendered", failed=[{"drop_id": seeded.add_drop()}], now=NOON)) == {
        "rendered",
        "gone",
        "failed",
    }


def test_what_was_left_may_be_taken_at_once_and_is_no_failure(seeded: Database) -> None:
    drop_id = seeded.add_drop(render_attempts=2)
    (drop,) = seeded.leased_drops()
    assert seeded.leased_drops(NOON + MINUTE) == []
    result = seeded.call("mark_drops_rendered", left=[drop], now=NOON + SECOND)
    assert result == {"rendered": 0, "gone": 0, "failed": 0}
    row = render_state(seeded, drop_id)
    assert (row["render_after"], row["render_attempts"], row["rendered_revision"]) == (NOON + SECOND, 2, 0)
    assert seeded.leased_drops(NOON) == []  # not by the run that left it
    assert seeded.leased_drops(NOON + SECOND) == [drop]


def test_what_was_left_late_is_put_off_no_further(seeded: Database) -> None:
    drop_id = seeded.add_drop(render_after=NOON)
    seeded.call("mark_drops_rendered", left=[{"drop_id": drop_id}], now=NOON + HOUR)
    assert render_state(seeded, drop_id)["render_after"] == NOON


def test_all_three_at_once(seeded: Database) -> None:
    ids = {seeded.add_drop(label=label): label for label in ("shown", "gone", "failed", "untouched")}
    drops = {ids[drop["drop_id"]]: drop for drop in seeded.leased_drops()}
    before = render_state(seeded, drops["untouched"]["drop_id"])
    result = seeded.call(
        "mark_drops_rendered",
        rendered=rendered(drops["shown"]),
        gone=[drops["gone"]],
        failed=[drops["failed"]],
        now=NOON,
    )
    assert result == {"rendered": 1, "gone": 1, "failed": 1}
    assert render_state(seeded, drops["untouched"]["drop_id"]) == before


@pytest.mark.parametrize("columns", [{}, ENDED])
def test_a_mark_that_comes_twice_changes_nothing_more(seeded: Database, columns: Row) -> None:
    seeded.add_drop(**columns)
    (drop,) = seeded.leased_drops()
    for marks in ({"rendered": rendered(drop)}, {"gone": [drop]}):
        seeded.call("mark_drops_rendered", **marks, now=NOON)
        before = render_state(seeded, drop["drop_id"])
        seeded.call("mark_drops_rendered", **marks, now=NOON)
        assert render_state(seeded, drop["drop_id"]) | {"revision": before["revision"]} == before
        assert seeded.leased_drops(NOON + HOUR) == []


def test_a_late_mark_of_an_older_state_neither_goes_back_nor_reopens_the_work(seeded: Database) -> None:
    drop_id = seeded.add_drop()
    (old,) = seeded.leased_drops()
    seeded.run("update discord_drops set ended_at = %s, end_reason = 'ended'", NOON)
    (new,) = seeded.leased_drops(NOON + 2 * MINUTE)
    seeded.call("mark_drops_rendered", rendered=rendered(new), now=NOON)
    settled = render_state(seeded, drop_id)
    assert settled["is_settled"] is True
    seeded.call("mark_drops_rendered", rendered=rendered(old), now=NOON)
    assert render_state(seeded, drop_id) == settled


def test_a_mark_without_a_message_keeps_the_one_that_is_known(seeded: Database) -> None:
    seeded.add_drop()
    (drop,) = seeded.leased_drops()
    seeded.call("mark_drops_rendered", rendered=rendered(drop, None), now=NOON)
    assert render_state(seeded, drop["drop_id"])["message_id"] == "99"


def test_nothing_to_mark(seeded: Database) -> None:
    seeded.add_drop()
    before = seeded.contents()
    assert seeded.call("mark_drops_rendered", now=NOON) == {"rendered": 0, "gone": 0, "failed": 0}
    assert seeded.contents() == before


@pytest.mark.parametrize("lowest", ["rendered", "gone", "failed", "left", "refused"])
def test_every_list_is_locked_in_the_order_of_the_ids(seeded: Database, lowest: str) -> None:
    drops = [{"drop_id": f"00000000-0000-0000-0000-00000000000{number}", "revision": 1} for number in range(9)]
    for drop in reversed(drops):  # so that they lie in the table the other way round
        seeded.add_drop(drop_id=drop["drop_id"])
    lists = [lowest, *({"rendered", "gone", "failed", "left", "refused"} - {lowest})]
    marks = {name: drops[place::5] for place, name in enumerate(lists)}
    with ThreadPoolExecutor(1) as pool, psycopg.connect(seeded.url) as holder:
        holder.execute("select from discord_drops where drop_id = %s for update", (drops[0]["drop_id"],))
        mark = pool.submit(seeded.race, [lambda db: db.call("mark_drops_rendered", **marks, now=NOON)], 1)
        while not seeded.rows("select from pg_locks where not granted and pid <> pg_backend_pid()"):
            assert not mark.done()
        free = seeded.rows("select drop_id from discord_drops for update skip locked")
        assert len(free) == len(drops) - 1  # it waits for the first one and holds no other
        holder.rollback()
        mark.result()
