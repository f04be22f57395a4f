"""list_watches: the watches of a server, what their drops have paid, and why they do not."""

from typing import Any

import pytest

from tests.sql import ADMIN, DAY, HOUR, MINUTE, NOON, Caller, Database, Row


def started(db: Database, channel: str = "88", **columns: Any) -> str:
    """The id of a watch."""
    asked = {"channel_id": channel, "event_type": "quest", "now": NOON - DAY} | columns
    return str(db.call("start_watch", ADMIN.again(), **asked)["watch"]["watch_id"])


def listed(db: Database) -> list[Row]:
    """The watches of the list."""
    watches: list[Row] = db.call("list_watches", ADMIN, now=NOON)["watches"]
    return watches


def paid(db: Database, watch: str, members: tuple[str, ...], **columns: Any) -> None:
    """A drop of a watch that has paid 7 to each of some members."""
    number = db.value("select 100 + count(*) from discord_drops")
    drop = db.add_drop(
        drop_type="reaction", emoji="🎉", watch_id=watch, message_id=str(number), claims_count=len(members), **columns
    )
    for member in members:
        db.run("insert into discord_drop_claims values (gen_random_uuid(), %s, %s, %s, 7, 1)", drop, member, NOON)


def test_they_are_listed_with_what_they_have_paid(seeded: Database) -> None:
    first, second = started(seeded), started(seeded, "89", now=NOON - HOUR)
    stopped = started(seeded, "90")
    seeded.call("stop_watch", ADMIN.again(), watch_id=stopped, now=NOON)
    elsewhere = started(seeded, "91")
    seeded.run("update channel_watches set server_id = '78' where watch_id = %s", elsewhere)
    paid(seeded, first, ("1002", "1003"))
    paid(seeded, first, ("1002",), ended_at=NOON, end_reason="ended")
    paid(seeded, first, ())
    paid(seeded, stopped, ("1002",))
    before = seeded.contents()
    result = seeded.call("list_watches", ADMIN, now=NOON)
    assert (result["outcome"], result["total"]) == ("watches", 2)
    assert [watch["watch_id"] for watch in result["watches"]] == [first, second]
    assert result["watches"][0]["paid"] == {"drops": 3, "open_drops": 2, "claims": 3, "amount": 21}
    assert (result["watches"][1]["paid"], result["watches"][1]["problem"]) == (None, None)
    assert seeded.contents() == before


def test_suggestions_do_without_the_sums(seeded: Database) -> None:
    watch = started(seeded)
    paid(seeded, watch, ("1002",))
    (found,) = seeded.call("list_watches", ADMIN, with_paid=False, now=NOON)["watches"]
    assert (found["watch_id"], found["paid"]) == (watch, None)
    (found,) = listed(seeded)
    assert found["paid"] == {"drops": 1, "open_drops": 1, "claims": 1, "amount": 7}


def test_a_pause_is_told_with_its_reason(seeded: Database) -> None:
    started(seeded)
    seeded.run("update channel_watches set paused_at = %s, pause_reason = 'no_history'", NOON - MINUTE)
    (watch,) = listed(seeded)
    assert (watch["paused_at"], watch["pause_reason"]) == ("2026-03-10T11:59:00+00:00", "no_history")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("update brands set is_active = false", {"outcome": "brand_disabled"}),
        ("delete from monitoring_rules", {"outcome": "event_not_found", "event": "quest"}),
        ("update monitoring_rules set is_enabled = false", {"outcome": "event_disabled", "event": "quest"}),
        (
            "update monitoring_rules set max_total_claims = 0",
            {"outcome": "total_limit_reached", "event": "quest", "limit": 0},
        ),
        (
            """update discord_server_configs set config_metadata = '{"excluded_channels": ["88"]}'""",
            {"outcome": "channel_excluded", "channel_id": "88", "excluded": "88"},
        ),
        ("""update discord_server_configs set config_metadata = '{"excluded_channels": ["85"]}'""", None),
    ],
)
def test_what_pays_nobody_says_why(seeded: Database, change: str, problem: Row | None) -> None:
    started(seeded)
    seeded.run(change)
    (watch,) = listed(seeded)
    assert (watch["problem"], watch["event"]) == (problem, "quest")


def test_of_very_many_the_first_hundred_and_how_many_there_are(seeded: Database) -> None:
    for number in range(103):
        seeded.run(
            "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id, created_at)"
            " values ('77', %s, 'quest', '🎉', '1', %s)",
            str(1000 + number),
            NOON + number * MINUTE,
        )
    result = seeded.call("list_watches", ADMIN, now=NOON)
    assert (len(result["watches"]), result["total"], result["watches"][0]["channel_id"]) == (100, 103, "1000")


def test_none_and_who_may_not_and_who_is_not_connected(seeded: Database) -> None:
    assert seeded.call("list_watches", ADMIN, now=NOON) == {"outcome": "watches", "watches": [], "total": 0}
    assert seeded.call("list_watches", Caller(required_level=3), now=NOON)["outcome"] == "not_allowed"
    seeded.run("update discord_server_configs set is_active = false")
    assert seeded.call("list_watches", ADMIN, now=NOON) == {"outcome": "server_not_connected"}
