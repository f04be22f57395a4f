"""disconnect_server: takes the link out of use and keeps everything."""

import pytest

from tests.sql import ADMIN, NOON, Caller, Database

BOB = Caller(user_id="1002", interaction_id="5001")


@pytest.fixture
def room(room: Database) -> Database:
    """The room with a drop that somebody has claimed, and another server."""
    room.connect_server("78")
    room.call("claim_drop", BOB, drop_id=room.add_drop(), now=NOON)
    return room


def test_what_was_earned_stays_and_nothing_more_is_earned(room: Database) -> None:
    before = room.contents()
    assert room.call("disconnect_server", ADMIN) == {"outcome": "disconnected", "brand_id": "brand"}
    after = room.contents()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"discord_server_configs", "discord_audit_log"}
    active = room.rows("select server_id, is_active from discord_server_configs order by server_id")
    assert [row["is_active"] for row in active] == [False, True]
    drop = room.add_drop()
    assert room.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "server_not_connected"
    assert room.call("list_events", ADMIN.again())["outcome"] == "server_not_connected"


def test_a_redelivery_gets_the_same_answer_and_another_command_does_not(room: Database) -> None:
    first = room.call("disconnect_server", ADMIN)
    before = room.contents()
    assert room.call("disconnect_server", ADMIN) == first
    assert room.call("disconnect_server", ADMIN.again()) == {"outcome": "server_not_connected"}
    assert room.contents() == before


def test_one_command_delivered_twenty_times_at_once_gets_one_answer(room: Database) -> None:
    answers = room.race([lambda db: db.call("disconnect_server", ADMIN)] * 20)
    assert answers == [{"outcome": "disconnected", "brand_id": "brand"}] * 20
    assert room.value("select count(*) from discord_audit_log where action = 'server.updated'") == 1


def test_of_twenty_commands_at_once_one_disconnects(room: Database) -> None:
    answers = room.race([lambda db: db.call("disconnect_server", ADMIN.again())] * 20)
    assert sorted(a["outcome"] for a in answers) == ["disconnected", *["server_not_connected"] * 19]


def test_a_server_that_was_never_connected(db: Database) -> None:
    assert db.call("disconnect_server", ADMIN) == {"outcome": "server_not_connected"}
