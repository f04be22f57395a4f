"""add_watched_drops: each new message of a watched channel becomes one drop."""

from typing import Any

import pytest

from tests.infra.supabase.api.test_lease_looks import add_watch
from tests.reactions import add_reaction_drop
from tests.sql import HOUR, NOON, Database, Row


def messages(*ids: int) -> list[Row]:
    """Messages of the channel 88."""
    return [{"message_id": str(each), "channel_id": "88"} for each in ids]


def add(db: Database, watch: str, *ids: int, last: int | None = None) -> Row:
    """Make drops of messages."""
    return db.call(
        "add_watched_drops",
        watch_id=watch,
        messages=messages(*ids),
        last_message_id=str(last or max(ids, default=0)),
        now=NOON,
    )


def drops(db: Database) -> list[str]:
    """The messages that are drops."""
    return [row["message_id"] for row in db.rows("select message_id from discord_drops order by message_id::numeric")]


def test_a_drop_is_what_the_watch_says(seeded: Database) -> None:
    watch = add_watch(seeded, reward_amount=7, lifespan_seconds=3600, created_by="9001")
    assert add(seeded, watch, 60) == {"outcome": "drops_added", "added": 1}
    drop = seeded.one("select * from discord_drops")
    expected: dict[str, Any] = {
        "server_id": "77",
        "event_id": "quest",
        "drop_type": "reaction",
        "channel_id": "88",
        "message_id": "60",
        "emoji": "🎉",
        "expires_at": NOON + HOUR,
        "max_claims": None,
        "created_by": "9001",
        "created_at": NOON,
        "reward_amount": 7,
        "title": "quest",
        "brand_id": "brand",
        "is_own_message": False,
        "is_settled": False,
    }
    assert {name: drop[name] for name in expected} == expected
    assert str(drop["watch_id"]) == watch
    assert seeded.leased_drops() == []  # its message is somebody else's
    assert seeded.value("select last_message_id from channel_watches") == "60"


def test_a_message_becomes_a_drop_once(seeded: Database) -> None:
    watch = add_watch(seeded)
    add(seeded, watch, 60, 61)
    before = seeded.contents()
    assert add(seeded, watch, 60, 61)["added"] == 0
    assert seeded.contents() == before
    seeded.run("update discord_drops set ended_at = now(), end_reason = 'cancelled', is_collected = true")
    assert add(seeded, watch, 60, 61, 62)["added"] == 1
    assert drops(seeded) == ["60", "61", "62"]


def test_a_message_that_is_a_drop_already_is_left_alone(seeded: Database) -> None:
    add_reaction_drop(seeded, message_id="60")
    seeded.add_drop(message_id="61")
    assert add(seeded, add_watch(seeded), 60, 61)["added"] == 1
    assert drops(seeded) == ["60", "61", "61"]


def test_the_place_never_goes_back(seeded: Database) -> None:
    watch = add_watch(seeded, last_message_id="9")
    for last, expected in ((100, "100"), (99, "100"), (1000, "1000")):
        add(seeded, watch, last=last)
        assert seeded.value("select last_message_id from channel_watches") == expected
    assert drops(seeded) == []


def opened(db: Database) -> list[int]:
    """The messages whose drops are open."""
    query = "select message_id::integer as id from discord_drops where ended_at is null order by 1"
    return [row["id"] for row in db.rows(query)]


def test_the_newest_thousand_of_a_watch_are_open(seeded: Database) -> None:
    watch, another = add_watch(seeded), add_watch(seeded, "89")
    mine = add_reaction_drop(seeded, message_id="1")
    add(seeded, another, 2)
    add(seeded, watch, *range(9_500, 10_500))
    assert opened(seeded) == [1, 2, *range(9_500, 10_500)]
    with seeded.held("select from discord_drops where message_id = '9501' for update"):
        assert add(seeded, watch, 10_500, 10_501) == {"outcome": "drops_added", "added": 2}
    assert opened(seeded) == [1, 2, 9_501, *range(9_502, 10_502)]
    add(seeded, watch, 10_502)
    assert opened(seeded) == [1, 2, *range(9_503, 10_503)]
    ended = seeded.one("select * from discord_drops where message_id = '9500'")
    facts = {name: ended[name] for name in ("end_reason", "ended_at", "is_settled", "is_collected")}
    assert facts == {"end_reason": "expired", "ended_at": NOON, "is_settled": True, "is_collected": False}
    assert seeded.drop(mine)["ended_at"] is None


@pytest.mark.parametrize("reason", ["no_reactions", "emoji_unknown"])
def test_a_paused_watch_goes_on_when_the_bot_could_react(seeded: Database, reason: str) -> None:
    watch = add_watch(seeded, paused_at=NOON, pause_reason=reason)
    add(seeded, watch, last=60)
    assert seeded.value("select pause_reason from channel_watches") == reason
    add(seeded, watch, 61)
    assert seeded.value("select pause_reason from channel_watches") is None


def test_a_watch_that_is_stopped_makes_none(seeded: Database) -> None:
    watch = add_watch(seeded, stopped_at=NOON)
    before = seeded.contents()
    assert add(seeded, watch, 60) == {"outcome": "watch_stopped"}
    assert add(seeded, "00000000-0000-4000-8000-000000000000", 60) == {"outcome": "watch_stopped"}
    assert seeded.contents() == before


def test_a_server_that_left_gets_none(seeded: Database) -> None:
    watch = add_watch(seeded)
    seeded.run("update discord_server_configs set is_active = false")
    before = seeded.contents()
    assert add(seeded, watch, 60) == {"outcome": "server_not_connected"}
    assert seeded.contents() == before


def test_an_event_that_is_gone_makes_none_and_the_messages_are_passed(seeded: Database) -> None:
    watch = add_watch(seeded)
    seeded.run("delete from monitoring_rules")
    assert add(seeded, watch, 60) == {"outcome": "event_not_found", "event": "quest"}
    assert drops(seeded) == []
    assert seeded.value("select last_message_id from channel_watches") == "60"


def test_two_runs_at_once_make_each_once(seeded: Database) -> None:
    watch = add_watch(seeded)
    told = seeded.race([lambda db: add(db, watch, *range(100, 160))["added"]] * 8, at_once=8)
    assert sorted(told) == [0] * 7 + [60]
    assert len(drops(seeded)) == 60
