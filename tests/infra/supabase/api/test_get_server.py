"""get_server: the state of the connection, and of the events on both sides of it."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql import ADMIN, DAY, HOUR, NOON, Caller, Database, Row

QUEST = "22222222-2222-4222-8222-222222222222"


def test_it_counts_what_is_this_servers(db: Database) -> None:
    for server in ("77", "78"):
        db.connect_server(server)
        db.add_event("quest", 10.5, server_id=server)
        db.add_drop(server_id=server)
        db.add_drop(server_id=server, expires_at=NOON + HOUR)
        for member in ("1002", "1003"):
            caller = Caller(user_id=member, server_id=server).again()
            db.call("claim_drop", caller, drop_id=db.add_drop(server_id=server, max_claims=1), now=NOON)
        db.add_drop(server_id=server, expires_at=NOON)
        db.add_drop(server_id=server, ended_at=NOON - DAY, end_reason="cancelled")
    db.run("insert into discord_user_stats (server_id, discord_user_id, messages_count) values ('77', '1004', 9)")
    result = db.call("get_server", ADMIN, now=NOON)
    assert [event["event"] for event in result.pop("events")] == ["quest"]
    assert result.pop("changed_otherwise")["after"]["event_type"] == "quest"
    assert result == {
        "outcome": "server",
        "brand_id": "brand",
        "is_brand_active": True,
        "server_name": None,
        "open_drops": 2,
        "members": 2,
        "distributed": 21,
        "changed_by_command": None,
        "event_problems": [],
    }


def test_a_server_that_is_not_connected(db: Database) -> None:
    assert db.call("get_server", ADMIN) == {"outcome": "server_not_connected"}
    db.connect_server()
    db.run("update discord_server_configs set is_active = false")
    assert db.call("get_server", ADMIN) == {"outcome": "server_not_connected"}


# --- The last changes


def last_changes(db: Database) -> list[Row | None]:
    """What was changed last by a command and otherwise: which event, by whom."""
    server = db.call("get_server", ADMIN, now=NOON)
    changes = [server["changed_by_command"], server["changed_otherwise"]]
    return [
        change and {"event": (change["after"] or change["before"])["event_type"], "by": change["actor_id"]}
        for change in changes
    ]


def test_the_last_changes_are_those_of_this_server_and_of_its_brand(db: Database) -> None:
    db.connect_server()
    db.connect_server("78")
    assert last_changes(db) == [None, None]
    db.add_event("quest", server_id=None)
    db.add_event("raid", server_id="78")
    db.add_event("raid", server_id=None, brand_id="another")
    assert last_changes(db) == [None, {"event": "quest", "by": "postgres"}]
    db.call("create_event", ADMIN.again(), event_type="boss", reward=5, now=NOON)
    db.call("toggle_event", ADMIN.again(), event_type="quest", now=NOON)  # makes a copy of the brand's
    db.call("set_streaks", ADMIN.again(), timezone="Asia/Tokyo", now=NOON)  # no event
    assert last_changes(db) == [{"event": "quest", "by": "9001"}, {"event": "quest", "by": "postgres"}]
    db.run("delete from monitoring_rules where event_type = 'boss'")
    assert last_changes(db) == [{"event": "quest", "by": "9001"}, {"event": "boss", "by": "postgres"}]


def test_an_actor_of_no_known_type_is_no_command(db: Database) -> None:
    db.connect_server()
    db.run(
        "insert into discord_audit_log (server_id, actor_id, action, after_state)"
        """ values ('77', 'job', 'event.imported', '{"event_type": "quest"}')"""
    )
    assert last_changes(db) == [None, {"event": "quest", "by": "job"}]


# --- What does not pay


def found(db: Database) -> list[tuple[str, bool, str]]:
    """The problems of the server's events."""
    problems = db.call("get_server", ADMIN, now=NOON)["event_problems"]
    return [(each["event"], each["brand_wide"], each["problem"]) for each in problems]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({}, None),
        ({"reward": None}, "amount_missing"),
        ({"reward": 0}, "amount_of_zero"),
        ({"reward": 0.01}, None),
        ({"is_enabled": False, "reward": None}, "off"),
        ({"is_enabled": None}, None),
        ({"max_claims_per_user": 0}, "limit_of_zero"),
        ({"max_total_claims": 0, "max_claims_per_user": -1}, "limit_of_zero"),
        ({"max_total_claims": -1, "max_claims_per_user": None}, None),
        ({"detection_config": None}, None),
        ({"detection_config": Jsonb(None)}, None),
        ({"detection_config": Jsonb({})}, "detection_unknown"),
        ({"detection_config": Jsonb([])}, "detection_unknown"),
        ({"detection_config": Jsonb("message")}, "detection_unknown"),
        ({"detection_config": Jsonb({"trigger": "Message"})}, "detection_unknown"),
        ({"detection_config": Jsonb({"trigger": ["message"]})}, "detection_unknown"),
        ({"detection_config": Jsonb({"trigger": None})}, "detection_unknown"),
        *(
            ({"detection_config": Jsonb({"trigger": trigger})}, None)
            for trigger in ("message", "keyword", "reactions", "voice", "join", "boost")
        ),
    ],
)
@pytest.mark.parametrize("server_id", ["77", None])
def test_why_an_event_does_not_pay(db: Database, columns: Row, problem: str | None, server_id: str | None) -> None:
    db.connect_server()
    given: dict[str, Any] = {"id": QUEST, "server_id": server_id} | columns
    with db.without_triggers():  # from before migration 021
        db.add_event("quest", **given)
    assert found(db) == ([("quest", server_id is None, problem)] if problem else [])


def test_an_event_of_the_brand_is_superseded_by_the_servers_own(db: Database) -> None:
    db.connect_server()
    db.add_event("quest", 10, server_id=None)
    db.add_event("quest", None)
    db.add_event("raid", 5, server_id=None)
    db.add_event("raid", 5, server_id="78")
    db.add_event("foreign", None, brand_id="another", server_id=None)
    assert found(db) == [("quest", False, "amount_missing"), ("quest", True, "superseded")]
