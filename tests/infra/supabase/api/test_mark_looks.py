"""mark_looks: what a run has seen is stored, and what it could not see is tried again."""

from datetime import timedelta
from functools import partial

import pytest

from tests.infra.supabase.api.test_lease_looks import ENDED, add_watch, leased, seen
from tests.reactions import add_reaction_drop, claim_page, read_list
from tests.sql import MINUTE, NOON, SECOND, Database, Row

CHANNEL = {"channel_id": "88"}
EMPTY = {"look": 1, "started_at": str(NOON), "normal_count": 0, "super_count": 0}


def channel(db: Database) -> tuple[timedelta, timedelta, int, int]:
    """What is stored of the channel: how long its lease lasts, when its turn comes, looks and refusals in a row."""
    row = db.one("select * from reaction_channels where channel_id = '88'")
    return row["leased_until"] - NOON, row["next_look_at"] - NOON, row["quiet_looks"], row["refusals"]


def mark(db: Database, marks: Row) -> Row:
    """What a run has seen."""
    return db.call("mark_looks", **marks, now=NOON)


def test_a_look_ends_the_lease(seeded: Database) -> None:
    add_reaction_drop(seeded)
    leased(seeded)
    told = seeded.call("mark_looks", looked=[CHANNEL | {"is_quiet": True}], now=NOON + SECOND)
    assert told == {"gone": 0, "let_go": 0}
    assert channel(seeded) == (SECOND, SECOND, 1, 0)
    seeded.call("mark_looks", looked=[CHANNEL | {"is_quiet": False}], now=NOON + SECOND)
    assert channel(seeded) == (SECOND, SECOND, 0, 0)


def test_what_was_left_keeps_its_turn(seeded: Database) -> None:
    add_reaction_drop(seeded)
    leased(seeded)
    seeded.call("mark_looks", left=[CHANNEL], now=NOON + SECOND)
    assert channel(seeded) == (SECOND, timedelta(0), 0, 0)
    assert list(leased(seeded, NOON + SECOND)) == ["88"]


def test_a_refusal_is_tried_again_after_longer_and_longer(seeded: Database) -> None:
    seen(seeded, add_reaction_drop(seeded))
    leased(seeded)
    waits = []
    for refusals in range(1, 12):
        seeded.call("mark_looks", refused=[CHANNEL | {"problem": "channel_closed"}], now=NOON)
        waits.append(channel(seeded)[1] // MINUTE)
        assert channel(seeded)[3] == refusals
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    seeded.call("mark_looks", looked=[CHANNEL | {"is_quiet": True}], now=NOON)
    assert channel(seeded)[3] == 0


def test_what_is_over_in_a_closed_channel_is_let_go_after_the_tenth_refusal(seeded: Database) -> None:
    over, still_open = add_reaction_drop(seeded, **ENDED), add_reaction_drop(seeded, message_id="98")
    leased(seeded)
    refused = [CHANNEL | {"problem": "channel_closed"}]
    told = [seeded.call("mark_looks", refused=refused, now=NOON)["let_go"] for _ in range(11)]
    assert told == [0] * 9 + [1, 0]
    assert [seeded.drop(drop)["is_collected"] for drop in (over, still_open)] == [True, False]


@pytest.mark.parametrize("argument", ["refused", "paused"])
@pytest.mark.parametrize("problem", ["channel_gone", "channel_closed", "no_history", "no_reactions", "emoji_unknown"])
def test_a_watch_pauses_for_a_reason(seeded: Database, argument: str, problem: str) -> None:
    add_watch(seeded)
    other = add_watch(seeded, "89")
    seeded.call("mark_looks", **{argument: [CHANNEL | {"problem": problem}]}, now=NOON)
    seeded.call("mark_looks", **{argument: [CHANNEL | {"problem": problem}]}, now=NOON + MINUTE)
    paused = seeded.rows("select watch_id, paused_at, pause_reason from channel_watches order by channel_id")
    assert (paused[0]["paused_at"], paused[0]["pause_reason"]) == (NOON, problem)
    assert (str(paused[1]["watch_id"]), paused[1]["paused_at"]) == (other, None)
    seeded.call("mark_looks", looked=[CHANNEL | {"is_quiet": True}], now=NOON)
    goes_on = seeded.value("select paused_at is null from channel_watches where channel_id = '88'")
    assert goes_on is (problem not in ("no_reactions", "emoji_unknown"))  # these show at the next message


def test_a_watch_that_was_stopped_does_not_pause(seeded: Database) -> None:
    add_watch(seeded, stopped_at=NOON)
    seeded.call("mark_looks", refused=[CHANNEL | {"problem": "channel_gone"}], now=NOON)
    assert seeded.value("select paused_at from channel_watches") is None


def test_an_empty_list_counts_as_read(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    seen(seeded, drop)
    look = seeded.one("select * from reaction_looks")
    assert (look["look"], look["started_at"], look["finished_at"]) == (1, NOON, NOON)
    read_list(seeded, drop, ["20000"], look=2)
    before = seeded.contents()
    seen(seeded, drop)  # it comes late
    assert seeded.contents() == before


def test_an_empty_list_is_no_last_look_and_ends_no_reading(seeded: Database) -> None:
    over, cut = add_reaction_drop(seeded, **ENDED), add_reaction_drop(seeded, message_id="98")
    claim_page(seeded, cut, ["20000"], is_last=False)
    before = seeded.contents()
    for drop in (over, cut):
        facts = {"drop_id": drop, "look": 2, "started_at": str(NOON), "normal_count": 0, "super_count": 0}
        seeded.call("mark_looks", seen=[facts], now=NOON)
    assert seeded.contents() == before


def test_an_empty_list_that_was_seen_before_the_end_is_no_last_look(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, expires_at=NOON + SECOND)
    seeded.call("mark_looks", seen=[{"drop_id": drop} | EMPTY], now=NOON + MINUTE)  # told late
    (facts,) = leased(seeded, NOON + 2 * MINUTE)["88"]["drops"]
    assert (facts["is_over"], facts["must_read"]) == (True, True)


def test_a_message_that_is_gone_ends_its_drop(seeded: Database) -> None:
    drop, over = add_reaction_drop(seeded), add_reaction_drop(seeded, message_id="98", **ENDED)
    gone = [{"drop_id": drop}, {"drop_id": over}]
    assert seeded.call("mark_looks", gone=gone, now=NOON)["gone"] == 2
    assert [seeded.drop(each)["end_reason"] for each in (drop, over)] == ["message_deleted", "ended"]
    assert [seeded.drop(each)["is_collected"] for each in (drop, over)] == [True, True]


def test_what_is_collected_needs_its_list_no_more(seeded: Database) -> None:
    drop, other = add_reaction_drop(seeded, max_claims=1), add_reaction_drop(seeded, max_claims=9, message_id="98")
    for each in (drop, other):
        read_list(seeded, each, ["20000", "20001"])
    seeded.call("mark_looks", collected=[{"drop_id": drop}], now=NOON)
    for table in ("reaction_looks", "drop_reactors"):
        assert {str(row["drop_id"]) for row in seeded.rows(f"select drop_id from {table}")} == {other}
    assert seeded.drop(drop)["is_collected"]
    assert not seeded.drop(other)["is_collected"]


def test_a_drop_that_is_deleted_takes_its_looks_along(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, max_claims=9)
    claim_page(seeded, drop, ["20000"])
    seeded.run("delete from discord_drops")
    assert seeded.contents("reaction_looks", "drop_reactors") == {"reaction_looks": [], "drop_reactors": []}


def test_many_marks_at_once(seeded: Database) -> None:
    drops = [add_reaction_drop(seeded, channel_id=str(1000 + place)) for place in range(40)]
    add_watch(seeded, "1000")
    leased(seeded)
    channels = [{"channel_id": str(1000 + place), "is_quiet": True, "problem": "no_history"} for place in range(40)]
    marks: list[Row] = [
        {"looked": channels, "gone": [{"drop_id": drop} for drop in drops[:20]]},
        {"refused": channels[::-1], "collected": [{"drop_id": drop} for drop in drops[::-1]]},
        {"left": channels, "seen": [{"drop_id": drop} | EMPTY for drop in drops]},
    ]
    seeded.race([partial(mark, marks=each) for each in marks * 4], at_once=6)
    assert seeded.value("select count(*) from discord_drops where is_collected") == 40
