"""delete_event: the server's own event goes, what it has paid stays."""

from tests.sql import ADMIN, BOB, NOON, Database


def test_the_event_goes_and_what_it_paid_stays(seeded: Database) -> None:
    seeded.add_event("raid", 7)
    seeded.add_event("quest", 8, server_id="78")
    seeded.add_event("quest", 9, brand_id="another", server_id="77")
    seeded.call("claim_drop", BOB, drop_id=seeded.add_drop(), now=NOON)
    seeded.add_drop(ended_at=NOON, end_reason="ended")
    before = seeded.contents()
    result = seeded.call("delete_event", ADMIN, event_type="quest")
    told = {"outcome": "event_deleted", "event": "quest", "brand_wide": None, "open_drops": 0, "ended_drops": 1}
    assert result == told
    left = seeded.rows("select event_type, server_id, brand_id from monitoring_rules order by reward_amount")
    assert [tuple(rule.values()) for rule in left] == [
        ("raid", "77", "brand"),
        ("quest", "78", "brand"),
        ("quest", "77", "another"),
    ]
    after = seeded.contents()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"monitoring_rules", "discord_drops", "discord_audit_log"}
    assert seeded.call("claim_drop", BOB.again(), drop_id=seeded.add_drop(), now=NOON)["outcome"] == "event_not_found"


def test_the_brand_wide_event_holds_from_now_on(seeded: Database) -> None:
    seeded.add_event("quest", 5, server_id=None)
    result = seeded.call("delete_event", ADMIN, event_type="quest")
    assert (result["outcome"], result["brand_wide"]["reward"]) == ("event_deleted", 5)
    assert seeded.call("claim_drop", BOB, drop_id=seeded.add_drop(), now=NOON)["amount"] == 5


def test_a_brand_wide_event_cannot_be_deleted_from_one_server(seeded: Database) -> None:
    seeded.add_event("raid", 5, server_id=None)
    before = seeded.contents()
    result = seeded.call("delete_event", ADMIN, event_type="raid")
    assert result == {"outcome": "event_is_brand_wide", "event": "raid"}
    assert seeded.contents() == before


def test_an_event_that_is_not_there(seeded: Database) -> None:
    before = seeded.contents()
    told = seeded.call("delete_event", ADMIN, event_type="raid")
    assert told == {"outcome": "event_not_found", "event": "raid", "events": ["quest"]}
    assert seeded.contents() == before


def test_a_redelivery_gets_the_same_answer_and_another_command_does_not(seeded: Database) -> None:
    first = seeded.call("delete_event", ADMIN, event_type="quest")
    before = seeded.contents()
    assert seeded.call("delete_event", ADMIN, event_type="quest") == first
    assert seeded.call("delete_event", ADMIN.again(), event_type="quest")["outcome"] == "event_not_found"
    assert seeded.contents() == before


def test_one_command_delivered_twenty_times_at_once_gets_one_answer(seeded: Database) -> None:
    seeded.add_event("quest", 5, server_id=None)
    answers = seeded.race([lambda db: db.call("delete_event", ADMIN, event_type="quest")] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "event_deleted"
    assert seeded.value("select count(*) from discord_audit_log where action = 'event.deleted'") == 1


def test_of_twenty_commands_at_once_one_deletes(seeded: Database) -> None:
    results = seeded.race([lambda db: db.call("delete_event", ADMIN.again(), event_type="quest")] * 20)
    assert sorted(r["outcome"] for r in results) == ["event_deleted", *["event_not_found"] * 19]


def test_a_server_that_is_not_connected(db: Database) -> None:
    db.add_event("quest", 7)
    assert db.call("delete_event", ADMIN, event_type="quest") == {"outcome": "server_not_connected"}
    assert db.value("select count(*) from monitoring_rules") == 1
