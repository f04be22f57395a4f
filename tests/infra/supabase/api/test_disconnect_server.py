"""disconnect_server: takes the link out of use and keeps everything."""

import pytest

from tests.sql import ADMIN, BOB, NOON, Database


@pytest.fixture
def seeded(seeded: Database) -> Database:
    """A connected server with a drop that somebody has claimed, and another server."""
    seeded.connect_server("78")
    seeded.call("claim_drop", BOB, drop_id=seeded.add_drop(), now=NOON)
    return seeded


def test_what_was_earned_stays_and_nothing_more_is_earned(seeded: Database) -> None:
    before = seeded.contents()
    told = {"outcome": "disconnected", "brand_id": "brand", "ended_drops": 1}
    assert seeded.call("disconnect_server", ADMIN) == told
    after = seeded.contents()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"discord_server_configs", "discord_drops", "discord_audit_log"}
    active = seeded.rows("select server_id, is_active from discord_server_configs order by server_id")
    assert [row["is_active"] for row in active] == [False, True]
    drop = seeded.add_drop()
    assert seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "server_not_connected"
    assert seeded.call("list_events", ADMIN.again())["outcome"] == "server_not_connected"


def test_a_redelivery_gets_the_same_answer_and_another_command_does_not(seeded: Database) -> None:
    first = seeded.call("disconnect_server", ADMIN)
    before = seeded.contents()
    assert seeded.call("disconnect_server", ADMIN) == first
    assert seeded.call("disconnect_server", ADMIN.again()) == {"outcome": "server_not_connected"}
    assert seeded.contents() == before


def test_one_command_delivered_twenty_times_at_once_gets_one_answer(seeded: Database) -> None:
    answers = seeded.race([lambda db: db.call("disconnect_server", ADMIN)] * 20)
    assert answers == [{"outcome": "disconnected", "brand_id": "brand", "ended_drops": 1}] * 20
    assert seeded.value("select count(*) from discord_audit_log where action = 'server.updated'") == 1


def test_of_twenty_commands_at_once_one_disconnects(seeded: Database) -> None:
    answers = seeded.race([lambda db: db.call("disconnect_server", ADMIN.again())] * 20)
    assert sorted(a["outcome"] for a in answers) == ["disconnected", *["server_not_connected"] * 19]


def test_a_server_that_was_never_connected(db: Database) -> None:
    assert db.call("disconnect_server", ADMIN) == {"outcome": "server_not_connected"}
