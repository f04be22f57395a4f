"""stop_watch: no more drops; those that are there live on."""

from uuid import uuid4

import pytest

from tests.sql import ADMIN, DAY, HOUR, NOON, Caller, Database, Row


def started(db: Database, channel: str = "88") -> str:
    """The id of a watch."""
    answer = db.call("start_watch", ADMIN.again(), channel_id=channel, event_type="quest", now=NOON - DAY)
    return str(answer["watch"]["watch_id"])


def test_it_is_stopped_and_nothing_else_has_changed(seeded: Database) -> None:
    watch, other = started(seeded), started(seeded, "89")
    drop = seeded.add_drop(drop_type="reaction", emoji="🎉", watch_id=watch)
    before, was = seeded.contents(), seeded.one("select * from channel_watches where watch_id = %s", watch)
    result = seeded.call("stop_watch", ADMIN, watch_id=watch, now=NOON)
    assert (result["outcome"], result["watch"]["watch_id"]) == ("watch_stopped", watch)
    assert result["watch"]["stopped_at"] == "2026-03-10T12:00:00+00:00"
    assert result["paid"] == {"drops": 1, "open_drops": 1, "claims": 0, "amount": 0}
    assert seeded.one("select * from channel_watches where watch_id = %s", watch) == was | {"stopped_at": NOON}
    after = seeded.contents()
    assert {name for name in before if before[name] != after[name]} == {"channel_watches", "discord_audit_log"}
    assert seeded.drop(drop)["ended_at"] is None
    assert seeded.value("select stopped_at from channel_watches where watch_id = %s", other) is None
    audit = seeded.one("select * from discord_audit_log where action = 'watch.stopped'")
    assert (audit["actor_id"], audit["after_state"], audit["before_state"]["stopped_at"]) == (
        "9001",
        result["watch"],
        None,
    )


def test_one_that_made_no_drop_has_paid_nothing(seeded: Database) -> None:
    assert seeded.call("stop_watch", ADMIN, watch_id=started(seeded), now=NOON)["paid"] is None


def test_a_redelivery_gives_the_same_answer(seeded: Database) -> None:
    watch = started(seeded)
    first = seeded.call("stop_watch", ADMIN, watch_id=watch, now=NOON)
    before = seeded.contents()
    assert seeded.call("stop_watch", ADMIN, watch_id=watch, now=NOON + HOUR) == first
    assert seeded.contents() == before


def test_twenty_admins_at_once_stop_it_once(seeded: Database) -> None:
    watch = started(seeded)

    def stop(db: Database) -> Row:
        return db.call("stop_watch", ADMIN.again(), watch_id=watch, now=NOON)

    outcomes = sorted(answer["outcome"] for answer in seeded.race([stop] * 20))
    assert outcomes == [*["watch_over"] * 19, "watch_stopped"]
    assert seeded.value("select count(*) from discord_audit_log where action = 'watch.stopped'") == 1


def test_one_of_another_server_or_none_is_unknown(seeded: Database) -> None:
    watch = started(seeded)
    seeded.run("update channel_watches set server_id = '78'")
    before = seeded.contents()
    for each in (watch, str(uuid4())):
        assert seeded.call("stop_watch", ADMIN.again(), watch_id=each, now=NOON) == {"outcome": "watch_unknown"}
    assert seeded.contents() == before


@pytest.mark.parametrize(
    ("caller", "outcome"),
    [(Caller(required_level=3), "not_allowed"), (Caller("9001", "79", manages_server=True), "server_not_connected")],
)
def test_who_may_not(seeded: Database, caller: Caller, outcome: str) -> None:
    watch = started(seeded)
    asked = seeded.call("stop_watch", caller, watch_id=watch, now=NOON)
    assert asked["outcome"] in (outcome, "not_allowed")
    assert seeded.value("select stopped_at from channel_watches") is None
