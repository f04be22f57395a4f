"""A command that Discord delivers a second time, late: it gets its answer and undoes nothing that came after it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.sql import ADMIN, HOUR, KEY_HASH, NOON, Caller, Database

FIRST = replace(ADMIN, interaction_id="1")


def reward(seeded: Database) -> object:
    return seeded.value("select reward_amount from monitoring_rules where event_type = 'quest'")


def test_an_edit_does_not_undo_a_later_one(seeded: Database) -> None:
    seeded.call("edit_event", FIRST, event_type="quest", reward=11)
    seeded.call("edit_event", ADMIN.again(), event_type="quest", reward=22)
    assert seeded.call("edit_event", FIRST, event_type="quest", reward=11)["outcome"] == "event_edited"
    assert reward(seeded) == 22


def test_a_deletion_does_not_delete_what_was_created_since(seeded: Database) -> None:
    assert seeded.call("delete_event", FIRST, event_type="quest")["outcome"] == "event_deleted"
    seeded.call("create_event", ADMIN.again(), event_type="quest", reward=33)
    assert seeded.call("delete_event", FIRST, event_type="quest")["outcome"] == "event_deleted"
    assert reward(seeded) == 33


def test_a_creation_does_not_bring_back_what_was_deleted_since(seeded: Database) -> None:
    first = seeded.call("create_event", FIRST, event_type="raid", reward=5)
    seeded.call("delete_event", ADMIN.again(), event_type="raid")
    assert seeded.call("create_event", FIRST, event_type="raid", reward=5) == first
    assert seeded.value("select count(*) from monitoring_rules where event_type = 'raid'") == 0


def test_a_disconnection_does_not_disconnect_again(seeded: Database) -> None:
    assert seeded.call("disconnect_server", FIRST)["outcome"] == "disconnected"
    seeded.call("connect_server", ADMIN.again(), brand_id="brand", key_hash=KEY_HASH)
    assert seeded.call("disconnect_server", FIRST)["outcome"] == "disconnected"
    assert seeded.value("select is_active from discord_server_configs") is True


def test_a_drop_is_the_same_also_when_its_event_is_off_by_now(seeded: Database) -> None:
    first = seeded.call("create_drop", FIRST, event_type="quest", channel_id="88", now=NOON)
    seeded.run("update monitoring_rules set is_enabled = false")
    assert seeded.call("create_drop", FIRST, event_type="quest", channel_id="88", now=NOON + HOUR) == first


def test_a_check_in_over_midnight_gets_the_same_answer(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25)
    bob = Caller(interaction_id="7")
    late = datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC)
    first = seeded.call("check_in", bob, now=late)
    assert seeded.call("check_in", bob, now=late + timedelta(seconds=2)) == first
    assert seeded.value("select count(*) from reward_ledger") == 1


def test_a_claim_is_answered_as_the_first_time_when_later_ones_have_used_the_event_up(seeded: Database) -> None:
    seeded.run("update monitoring_rules set claimable = true, max_claims_per_user = 2, label = 'Quest!'")
    bob = Caller(interaction_id="7")
    first = seeded.call("claim_event", bob, event_type="quest", now=NOON)
    assert (first["claims_left"], first["balance"]) == (1, 10)
    seeded.call("claim_event", bob.again(), event_type="quest", now=NOON + HOUR)
    seeded.run("update monitoring_rules set label = 'Another', cooldown_hours = 5")
    assert seeded.call("claim_event", bob, event_type="quest", now=NOON + HOUR) == first
    seeded.run("delete from monitoring_rules")
    assert seeded.call("claim_event", bob, event_type="quest", now=NOON + HOUR) == first


def test_a_claim_without_any_limit_is_not_paid_twice(seeded: Database) -> None:
    seeded.run("update monitoring_rules set claimable = true")
    bob = Caller(interaction_id="7")
    first = seeded.call("claim_event", bob, event_type="quest", now=NOON)
    before = seeded.contents()
    assert seeded.call("claim_event", bob, event_type="quest", now=NOON + HOUR) == first
    assert seeded.contents() == before


def test_a_welcome_is_repeated_to_its_interaction_alone(seeded: Database) -> None:
    seeded.add_event("welcome_bonus", 50)
    bob = Caller(interaction_id="7")
    first = seeded.call("claim_welcome_bonus", bob, now=NOON)
    assert seeded.call("claim_welcome_bonus", bob.again(), now=NOON)["outcome"] == "already_welcomed"
    seeded.run("update discord_server_configs set is_active = false")
    assert seeded.call("claim_welcome_bonus", bob, now=NOON) == first


def test_an_admins_function_refuses_a_caller_whose_command_declares_no_level(seeded: Database) -> None:
    undeclared = replace(FIRST, required_level=None)
    assert seeded.call("list_events", undeclared)["outcome"] == "not_allowed"
