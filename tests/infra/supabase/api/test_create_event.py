"""create_event."""

from decimal import Decimal
from typing import Any

import pytest
from psycopg import errors

from tests.sql import ADMIN, Database, Row


def test_it_creates_what_is_said(seeded: Database) -> None:
    quest = seeded.one("select * from monitoring_rules")
    result = seeded.call(
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
            "ignored_cooldown_hours": None,
            "max_claims": 3,
            "max_total_claims": 100,
            "claimable": True,
            "enabled": False,
            "brand_wide": False,
            "detection": None,
        },
    }
    row = seeded.one("select * from monitoring_rules where event_type = 'raid'")
    assert (row["brand_id"], row["server_id"], row["reward_amount"]) == ("brand", "77", Decimal(7))
    assert seeded.one("select * from monitoring_rules where event_type = 'quest'") == quest


@pytest.mark.parametrize("nothing", [{}, {"claimable": None, "enabled": None, "max_claims": -1, "cooldown_hours": 0}])
def test_what_is_left_out_is_usual(seeded: Database, nothing: dict[str, object]) -> None:
    facts = seeded.call("create_event", ADMIN, event_type="raid", reward=7, **nothing)["event"]
    assert (facts["claimable"], facts["enabled"]) == (False, True)
    assert (facts["cooldown_hours"], facts["max_claims"], facts["max_total_claims"]) == (None, None, None)


@pytest.mark.parametrize("hours", [1, 24])
def test_the_check_in_takes_no_cooldown(seeded: Database, hours: int) -> None:
    before = seeded.contents()
    refused = seeded.call("create_event", ADMIN.again(), event_type="daily_checkin", reward=25, cooldown_hours=hours)
    assert refused == {"outcome": "cooldown_not_taken", "event": "daily_checkin"}
    assert seeded.contents() == before
    for none in (None, 0, -1):
        created = seeded.call("create_event", ADMIN.again(), event_type="daily_checkin", reward=25, cooldown_hours=none)
        assert created["event"]["cooldown_hours"] is None


def test_an_event_that_is_there_stays_as_it_is(seeded: Database) -> None:
    before = seeded.contents()
    result = seeded.call("create_event", ADMIN, event_type="quest", reward=99)
    assert (result["outcome"], result["event"]["reward"]) == ("event_exists", 10)
    assert seeded.contents() == before


def test_a_brand_wide_event_gets_one_of_the_servers_own_beside_it(seeded: Database) -> None:
    seeded.add_event("raid", 5, server_id=None)
    result = seeded.call("create_event", ADMIN, event_type="raid", reward=7)
    assert (result["outcome"], result["event"]["reward"]) == ("event_created", 7)
    assert seeded.value("select reward_amount from monitoring_rules where server_id is null") == 5


def test_a_redelivery_gets_the_same_answer_and_another_command_does_not(seeded: Database) -> None:
    first = seeded.call("create_event", ADMIN, event_type="raid", reward=7)
    before = seeded.contents()
    assert seeded.call("create_event", ADMIN, event_type="raid", reward=7) == first
    assert seeded.call("create_event", ADMIN.again(), event_type="raid", reward=7)["outcome"] == "event_exists"
    assert seeded.contents() == before


def test_one_command_delivered_twenty_times_at_once_gets_one_answer(seeded: Database) -> None:
    answers = seeded.race([lambda db: db.call("create_event", ADMIN, event_type="raid", reward=7)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "event_created"
    assert seeded.value("select count(*) from discord_audit_log where interaction_id = %s", ADMIN.interaction_id) == 1


def test_of_twenty_commands_at_once_one_creates(seeded: Database) -> None:
    results = seeded.race([lambda db: db.call("create_event", ADMIN.again(), event_type="raid", reward=7)] * 20)
    assert sorted(r["outcome"] for r in results) == ["event_created", *["event_exists"] * 19]
    assert seeded.value("select count(*) from monitoring_rules where event_type = 'raid'") == 1


def test_a_server_that_is_not_connected(db: Database) -> None:
    assert db.call("create_event", ADMIN, event_type="raid", reward=7) == {"outcome": "server_not_connected"}
    assert db.rows("select from monitoring_rules") == []


@pytest.mark.parametrize("reward", [-1, 1_000_000_001, Decimal("NaN")])
def test_a_reward_out_of_range_is_a_callers_bug(seeded: Database, reward: object) -> None:
    with pytest.raises(errors.CheckViolation) as caught:
        seeded.call("create_event", ADMIN, event_type="raid", reward=reward)
    assert caught.value.diag.constraint_name == "rules_reward_in_range"


VOICE: Row = {"trigger": "voice", "minutes": 10, "channels": ["5"]}


def test_a_trigger_is_set(seeded: Database) -> None:
    created = seeded.call("create_event", ADMIN, event_type="talk", reward=7, detection=VOICE)
    assert (created["outcome"], created["event"]["detection"]) == ("event_created", VOICE)
    assert seeded.value("select detection_config from monitoring_rules where event_type = 'talk'") == VOICE


def test_no_trigger_is_none(seeded: Database) -> None:
    assert seeded.call("create_event", ADMIN, event_type="talk", reward=7, detection={})["event"]["detection"] is None


@pytest.mark.parametrize(
    ("detection", "field"),
    [
        ({"trigger": "telepathy"}, "trigger"),
        ({"minutes": 5}, "trigger"),
        ({"trigger": "voice"}, "minutes"),
        ({"trigger": "voice", "minutes": 0}, "minutes"),
        ({"trigger": "join", "minutes": 5}, "minutes"),
        (["trigger"], "detection_config"),
    ],
)
def test_a_trigger_that_cannot_be_is_told_by_its_field(seeded: Database, detection: Any, field: str) -> None:
    before = seeded.contents()
    refused = seeded.call("create_event", ADMIN.again(), event_type="talk", reward=7, detection=detection)
    assert refused == {"outcome": "detection_invalid", "field": field}
    assert seeded.contents() == before


def test_the_check_in_takes_no_trigger(seeded: Database) -> None:
    refused = seeded.call("create_event", ADMIN.again(), event_type="daily_checkin", reward=25, detection=VOICE)
    assert refused == {"outcome": "trigger_not_taken", "event": "daily_checkin"}
