"""lease_looks: each channel whose turn it is goes to one run, with what that must know of its drops."""

from datetime import timedelta
from typing import Any

import pytest

from tests.reactions import add_reaction_drop, claim_page, read_list
from tests.sql import DAY, HOUR, MINUTE, NOON, SECOND, Database, Row

ENDED: Row = {"ended_at": NOON, "end_reason": "ended"}


def add_watch(db: Database, channel_id: str = "88", **columns: Any) -> str:
    """A watch of a channel of the server 77; gives its id."""
    values = {"server_id": "77", "channel_id": channel_id, "event_id": "quest", "emoji": "🎉"}
    values |= {"last_message_id": "50"} | columns
    query = f"insert into channel_watches ({', '.join(values)}) values ({', '.join(['%s'] * len(values))})"
    return str(db.value(f"{query} returning watch_id", *values.values()))


def leased(db: Database, now: Any = NOON, **arguments: Any) -> dict[str, Row]:
    """What a run leases, by channel."""
    return {each["channel_id"]: each for each in db.call("lease_looks", now=now, **arguments)["channels"]}


def done(db: Database, channel_id: str = "88", now: Any = NOON, *, is_quiet: bool = True) -> None:
    """A look at a channel is done."""
    db.call("mark_looks", looked=[{"channel_id": channel_id, "is_quiet": is_quiet}], now=now)


def seen(db: Database, drop: str, now: Any = NOON) -> None:
    """Nobody had reacted."""
    facts = {"drop_id": drop, "look": 1, "started_at": str(now), "normal_count": 0, "super_count": 0}
    db.call("mark_looks", seen=[facts], now=now)


def test_a_channel_with_all_that_a_run_must_know(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    watch = add_watch(seeded)
    assert seeded.call("lease_looks", now=NOON)["channels"] == [
        {
            "channel_id": "88",
            "server_id": "77",
            "needs_place": False,
            "watch": {
                "watch_id": watch,
                "emoji": "🎉",
                "authors": "everyone",
                "author_role_id": None,
                "is_forum": False,
                "last_message_id": "50",
                "has_event": True,
            },
            "drops": [
                {
                    "drop_id": drop,
                    "message_id": "99",
                    "emoji": "🎉",
                    "is_own_message": False,
                    "is_over": False,
                    "must_read": False,
                    "look": 0,
                    "is_cut": False,
                    "is_super": None,
                    "after_id": None,
                    "normal_count": None,
                    "super_count": None,
                }
            ],
        }
    ]


def test_without_reactions_there_is_nothing_to_lease(seeded: Database) -> None:
    drop = seeded.add_drop(expires_at=NOON - SECOND)
    assert leased(seeded) == {}
    assert seeded.drop(drop)["ended_at"] is None  # the other schedule's work


def test_what_is_due_is_closed_first(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, expires_at=NOON - SECOND)
    (facts,) = leased(seeded)["88"]["drops"]
    assert (facts["is_over"], facts["must_read"]) == (True, True)
    row = seeded.drop(drop)
    assert (row["end_reason"], row["ended_at"], row["is_settled"]) == ("expired", NOON - SECOND, True)


def test_a_lease_lasts_longer_than_a_run(seeded: Database) -> None:
    add_reaction_drop(seeded)
    assert list(leased(seeded)) == ["88"]
    assert leased(seeded, NOON + MINUTE) == {}
    assert list(leased(seeded, NOON + 70 * SECOND)) == ["88"]


def test_quiet_channels_are_looked_at_less_often(seeded: Database) -> None:
    seen(seeded, add_reaction_drop(seeded))
    now, waits = NOON, []
    for _ in range(18):
        assert list(leased(seeded, now)) == ["88"]
        done(seeded, now=now)
        wait = next(m for m in range(1, 20) if leased(seeded, now + m * MINUTE))
        seeded.run("update reaction_channels set leased_until = 'epoch'")
        waits.append(wait)
        now += wait * MINUTE
    assert waits == [1] * 4 + [2] * 5 + [5] * 5 + [15] * 4
    done(seeded, now=now, is_quiet=False)
    assert list(leased(seeded, now + MINUTE)) == ["88"]


@pytest.mark.parametrize("what", ["over", "new"])
def test_what_is_over_or_new_does_not_wait(seeded: Database, what: str) -> None:
    drop = add_reaction_drop(seeded)
    seen(seeded, drop)
    leased(seeded)
    done(seeded)
    seeded.run("update reaction_channels set next_look_at = %s", NOON + HOUR)
    assert leased(seeded, NOON + MINUTE) == {}
    if what == "over":
        seeded.run("update discord_drops set ended_at = now(), end_reason = 'cancelled'")
    else:
        add_reaction_drop(seeded, message_id="98")
    assert list(leased(seeded, NOON + MINUTE)) == ["88"]
    seeded.call("mark_looks", refused=[{"channel_id": "88", "problem": "channel_closed"}], now=NOON + MINUTE)
    assert leased(seeded, NOON + 90 * SECOND) == {}  # Discord refuses us there


def test_a_run_gets_no_channel_twice(seeded: Database) -> None:
    add_reaction_drop(seeded)
    first = seeded.call("lease_looks", now=NOON)
    done(seeded, now=NOON + 5 * SECOND)
    assert leased(seeded, first["now"]) == {}


def test_those_that_have_waited_longest_go_first(seeded: Database) -> None:
    for channel in ("1", "2", "3"):
        seen(seeded, add_reaction_drop(seeded, channel_id=channel))
        seeded.run("insert into reaction_channels values (%s, 'epoch', %s)", channel, NOON - int(channel) * MINUTE)
    assert list(leased(seeded, limit=2)) == ["3", "2"]
    assert list(leased(seeded, limit=2)) == ["1"]


def test_what_a_run_did_not_come_to_is_first_at_the_next(seeded: Database) -> None:
    channels = [str(100 + place) for place in range(10)]
    for place, channel in enumerate(channels):
        seen(seeded, add_reaction_drop(seeded, channel_id=channel, message_id=str(500 + place)))
    order = list(leased(seeded))
    assert order == channels
    for channel in order[:5]:
        done(seeded, channel, is_quiet=False, now=NOON + SECOND)
    left = [{"channel_id": channel, "is_begun": channel == order[5]} for channel in order[5:]]
    seeded.call("mark_looks", left=left, now=NOON + 2 * SECOND)
    assert list(leased(seeded, NOON + MINUTE)) == [*order[6:], *order[:5], order[5]]


def test_a_server_with_many_channels_delays_no_other(seeded: Database) -> None:
    for place in range(40):
        add_reaction_drop(seeded, channel_id=str(100 + place))
    for place in range(3):
        server = str(700 + place)
        seeded.connect_server(server)
        for channel in range(2):
            name = f"9{channel}{place}"
            seen(seeded, add_reaction_drop(seeded, server_id=server, channel_id=name, message_id=name))
            seeded.run("insert into reaction_channels values (%s, 'epoch', %s)", name, NOON - SECOND)
    assert list(leased(seeded, limit=8)) == ["100", "900", "901", "902", "101", "910", "911", "912"]
    assert list(leased(seeded, limit=2)) == ["102", "103"]


def test_a_crowded_channel_does_not_fill_the_answer(seeded: Database) -> None:
    for place in range(1005):
        add_reaction_drop(seeded, message_id=str(1000 + place), **(ENDED if place == 700 else {}))
    drops = leased(seeded)["88"]["drops"]
    assert len(drops) == 1000
    assert drops[0]["message_id"] == "1700"


def test_how_far_a_list_was_read(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    claim_page(seeded, drop, ["20000"], counts={"normal": 5, "super": 2}, is_super=True, is_last=False)
    (facts,) = leased(seeded)["88"]["drops"]
    place = {name: facts[name] for name in ("look", "must_read", "is_cut", "is_super", "after_id")}
    assert place == {"look": 1, "must_read": True, "is_cut": True, "is_super": True, "after_id": "20000"}
    assert (facts["normal_count"], facts["super_count"]) == (5, 2)
    seeded.run("update discord_drops set ended_at = %s, end_reason = 'ended'", NOON + SECOND)
    (facts,) = leased(seeded, NOON + HOUR)["88"]["drops"]
    assert (facts["must_read"], facts["is_cut"]) == (True, False)  # it began before the end: begin anew


@pytest.mark.parametrize(
    ("columns", "minutes", "must_read"),
    [
        ({}, 59, False),
        ({}, 61, True),
        ({"expires_at": NOON + DAY}, 61, False),
        ({"ended_at": NOON + MINUTE, "end_reason": "ended"}, 2, True),
        ({"ended_at": NOON + MINUTE, "end_reason": "cancelled"}, 2, False),
        ({"ended_at": NOON - MINUTE, "end_reason": "ended"}, 2, False),
    ],
)
def test_what_is_read_whatever_the_message_shows(seeded: Database, columns: Row, minutes: int, must_read: bool) -> None:
    drop = add_reaction_drop(seeded)
    read_list(seeded, drop, ["20000"])
    if columns:
        pairs = ", ".join(f"{name} = %s" for name in columns)
        seeded.run(f"update discord_drops set {pairs}", *columns.values())
    (facts,) = leased(seeded, NOON + timedelta(minutes=minutes))["88"]["drops"]
    assert facts["must_read"] is must_read


@pytest.mark.parametrize(
    ("settings", "needs"),
    [
        (None, False),
        ({"excluded_channels": []}, False),
        ({"excluded_channels": ["5"]}, True),
    ],
)
def test_where_a_payment_depends_on_the_place(seeded: Database, settings: Row | None, needs: bool) -> None:
    seeded.set_settings(settings)
    add_reaction_drop(seeded)
    assert leased(seeded)["88"]["needs_place"] is needs


def test_watches_that_are_over_are_not_looked_at(seeded: Database) -> None:
    add_watch(seeded, "1", stopped_at=NOON)
    add_watch(seeded, "2")
    assert list(leased(seeded)) == ["2"]
    seeded.run("update discord_server_configs set is_active = false")
    assert leased(seeded, NOON + DAY) == {}


def test_what_is_done_is_forgotten(seeded: Database) -> None:
    add_watch(seeded, "5")
    drop = add_reaction_drop(seeded)
    never_posted = add_reaction_drop(seeded, message_id=None, **ENDED)
    leased(seeded)
    seeded.run("insert into reaction_refusals values ('77', '1002', %s, '{}', %s)", drop, NOON)
    seeded.call("mark_looks", collected=[{"drop_id": drop}], now=NOON)
    assert seeded.drop(never_posted)["is_collected"]
    leased(seeded, NOON + HOUR)
    assert [row["channel_id"] for row in seeded.rows("select channel_id from reaction_channels")] == ["5"]
    assert len(seeded.rows("select from reaction_refusals")) == 1
    leased(seeded, NOON + DAY + SECOND)
    assert seeded.rows("select from reaction_refusals") == []


def test_what_other_programs_leave_out_is_not_looked_at(seeded: Database) -> None:
    add_reaction_drop(seeded, emoji=None)
    add_reaction_drop(seeded, message_id=None)
    seeded.add_drop()
    assert leased(seeded) == {}


def test_two_runs_at_once_share_the_channels(seeded: Database) -> None:
    for channel in range(200):
        add_reaction_drop(seeded, channel_id=str(1000 + channel))
    told = seeded.race([lambda db: list(leased(db, limit=60))] * 6, at_once=6)
    shared = [channel for each in told for channel in each]
    assert len(shared) == len(set(shared)) >= 60
    rest: list[str] = []
    while more := list(leased(seeded, limit=60)):
        rest += more
    assert len({*shared, *rest}) == 200
