"""create_event."""

from decimal import Decimal

import pytest
from psycopg import errors

from tests.sql import ADMIN, Database


def test_it_creates_what_is_said(room: Database) -> None:
    quest = room.one("select * from monitoring_rules")
    result = room.call(
        "create_event",
        ADMIN,
        event_type="raid",
        reward=7,
        cooldown_hours=2,
        max_claims=3,
        max_total_claims=100,
        label="Raid!",
        claimable=True,
        enabled=False,
    )
    assert result == {
        "outcome": "event_created",
        "event": {
            "event": "raid",
            "label": "Raid!",
            "reward": 7,
            "cooldown_hours": 2,
            "max_claims": 3,
            "max_total_claims": 100,
            "claimable": True,
            "enabled": False,
            "brand_wide": False,
        },
    }
    row = room.one("select * from monitoring_rules where event_type = 'raid'")
    assert (row["brand_id"], row["server_id"], row["reward_amount"]) == ("brand", "77", Decimal(7))
    assert room.one("select * from monitoring_rules where event_type = 'quest'") == quest


@pytest.mark.parametrize("nothing", [{}, {"claimable": None, "enabled": None, "max_claims": -1, "cooldown_hours": 0}])
def test_what_is_left_out_is_usual(room: Database, nothing: dict[str, object]) -> None:
    facts = room.call("create_event", ADMIN, event_type="raid", reward=7, **nothing)["event"]
    assert (facts["claimable"], facts["enabled"]) == (False, True)
    assert (facts["cooldown_hours"], facts["max_claims"], facts["max_total_claims"]) == (None, None, None)


def test_an_event_that_is_there_stays_as_it_is(room: Database) -> None:
    before = room.contents()
    result = room.call("create_event", ADMIN, event_type="quest", reward=99)
    assert (result["outcome"], result["event"]["reward"]) == ("event_exists", 10)
    assert room.contents() == before


def test_a_brand_wide_event_gets_one_of_the_servers_own_beside_it(room: Database) -> None:
    room.add_event("raid", 5, server_id=None)
    result = room.call("create_event", ADMIN, event_type="raid", reward=7)
    assert (result["outcome"], result["event"]["reward"]) == ("event_created", 7)
    assert room.value("select reward_amount from monitoring_rules where server_id is null") == 5


def test_a_redelivery_gets_the_same_answer_and_another_command_does_not(room: Database) -> None:
    first = room.call("create_event", ADMIN, event_type="raid", reward=7)
    before = room.contents()
    assert room.call("create_event", ADMIN, event_type="raid", reward=7) == first
    assert room.call("create_event", ADMIN.again(), event_type="raid", reward=7)["outcome"] == "event_exists"
    assert room.contents() == before


def test_one_command_delivered_twenty_times_at_once_gets_one_answer(room: Database) -> None:
    answers = room.race([lambda db: db.call("create_event", ADMIN, event_type="raid", reward=7)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "event_created"
    assert room.value("select count(*) from discord_audit_log where interaction_id = %s", ADMIN.interaction_id) == 1


def test_of_twenty_commands_at_once_one_creates(room: Database) -> None:
    results = room.race([lambda db: db.call("create_event", ADMIN.again(), event_type="raid", reward=7)] * 20)
    assert sorted(r["outcome"] for r in results) == ["event_created", *["event_exists"] * 19]
    assert room.value("select count(*) from monitoring_rules where event_type = 'raid'") == 1


def test_a_server_that_is_not_connected(db: Database) -> None:
    assert db.call("create_event", ADMIN, event_type="raid", reward=7) == {"outcome": "server_not_connected"}
    assert db.rows("select from monitoring_rules") == []


@pytest.mark.parametrize("reward", [-1, 1_000_000_001, Decimal("NaN")])
def test_a_reward_out_of_range_is_a_callers_bug(room: Database, reward: object) -> None:
    with pytest.raises(errors.CheckViolation) as caught:
        room.call("create_event", ADMIN, event_type="raid", reward=reward)
    assert caught.value.diag.constraint_name == "rules_reward_in_range"
