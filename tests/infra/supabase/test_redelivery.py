"""A command that Discord delivers a second time, late: it gets its answer and undoes nothing that came after it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.sql import ADMIN, HOUR, NOON, Caller, Database

FIRST = replace(ADMIN, interaction_id="1")


@pytest.fixture
def room(db: Database) -> Database:
    """A connected server with the event quest."""
    db.connect_server()
    db.add_event("quest", 10)
    return db


def reward(room: Database) -> object:
    return room.value("select reward_amount from monitoring_rules where event_type = 'quest'")


def test_an_edit_does_not_undo_a_later_one(room: Database) -> None:
    room.call("edit_event", FIRST, event_type="quest", reward=11)
    room.call("edit_event", ADMIN.again(), event_type="quest", reward=22)
    assert room.call("edit_event", FIRST, event_type="quest", reward=11)["outcome"] == "event_edited"
    assert reward(room) == 22


def test_a_deletion_does_not_delete_what_was_created_since(room: Database) -> None:
    assert room.call("delete_event", FIRST, event_type="quest")["outcome"] == "event_deleted"
    room.call("create_event", ADMIN.again(), event_type="quest", reward=33)
    assert room.call("delete_event", FIRST, event_type="quest")["outcome"] == "event_deleted"
    assert reward(room) == 33


def test_a_creation_does_not_bring_back_what_was_deleted_since(room: Database) -> None:
    room.call("create_event", FIRST, event_type="raid", reward=5)
    room.call("delete_event", ADMIN.again(), event_type="raid")
    assert room.call("create_event", FIRST, event_type="raid", reward=5)["outcome"] == "event_not_found"
    assert room.value("select count(*) from monitoring_rules where event_type = 'raid'") == 0


def test_a_disconnection_does_not_disconnect_again(room: Database) -> None:
    assert room.call("disconnect_server", FIRST)["outcome"] == "disconnected"
    room.call("connect_server", ADMIN.again(), brand_id="brand")
    assert room.call("disconnect_server", FIRST)["outcome"] == "disconnected"
    assert room.value("select is_active from discord_server_configs") is True


def test_a_drop_is_the_same_also_when_its_event_is_off_by_now(room: Database) -> None:
    first = room.call("create_drop", FIRST, event_type="quest", channel_id="88", now=NOON)
    room.run("update monitoring_rules set is_enabled = false")
    assert room.call("create_drop", FIRST, event_type="quest", channel_id="88", now=NOON + HOUR) == first


def test_a_check_in_over_midnight_gets_the_same_answer(room: Database) -> None:
    room.add_event("daily_checkin", 25)
    bob = Caller(interaction_id="7")
    late = datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC)
    first = room.call("check_in", bob, now=late)
    assert room.call("check_in", bob, now=late + timedelta(seconds=2)) == first
    assert room.value("select count(*) from reward_ledger") == 1


def test_a_claim_is_answered_as_the_first_time_when_later_ones_have_used_the_event_up(room: Database) -> None:
    room.run("update monitoring_rules set claimable = true, max_claims_per_user = 2, label = 'Quest!'")
    bob = Caller(interaction_id="7")
    first = room.call("claim_event", bob, event_type="quest", now=NOON)
    assert (first["claims_left"], first["balance"]) == (1, 10)
    room.call("claim_event", bob.again(), event_type="quest", now=NOON + HOUR)
    room.run("update monitoring_rules set label = 'Another', cooldown_hours = 5")
    assert room.call("claim_event", bob, event_type="quest", now=NOON + HOUR) == first
    room.run("delete from monitoring_rules")
    assert room.call("claim_event", bob, event_type="quest", now=NOON + HOUR) == first


def test_a_claim_without_any_limit_is_not_paid_twice(room: Database) -> None:
    room.run("update monitoring_rules set claimable = true")
    bob = Caller(interaction_id="7")
    first = room.call("claim_event", bob, event_type="quest", now=NOON)
    before = room.contents()
    assert room.call("claim_event", bob, event_type="quest", now=NOON + HOUR) == first
    assert room.contents() == before


def test_a_welcome_is_repeated_to_its_interaction_alone(room: Database) -> None:
    room.add_event("welcome_bonus", 50)
    bob = Caller(interaction_id="7")
    first = room.call("claim_welcome_bonus", bob, now=NOON)
    assert room.call("claim_welcome_bonus", bob.again(), now=NOON)["outcome"] == "already_welcomed"
    room.run("update discord_server_configs set is_active = false")
    assert room.call("claim_welcome_bonus", bob, now=NOON) == first


def test_an_admins_function_refuses_a_caller_whose_command_declares_no_level(room: Database) -> None:
    undeclared = replace(FIRST, required_level=None)
    assert room.call("list_events", undeclared)["outcome"] == "not_allowed"
