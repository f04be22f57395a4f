"""record_events: whose key may report for which server."""

from datetime import datetime

from tests.infra.conftest import Rest
from tests.infra.supabase.batches import (
    BOB,
    KEY,
    counters,
    event,
    message,
    record,
)
from tests.sql import NOON, Database

PROGRAM = "cd" * 32


def told(db: Database, key: str, *, is_operator: bool = False, server: str = "77") -> str:
    """The outcome of a batch of one message."""
    answer = db.call("record_events", key=key, is_operator=is_operator, server_id=server, items=[message()], now=NOON)
    return str(answer["outcome"])


def test_an_operator_reports_for_every_server(seeded: Database) -> None:
    assert told(seeded, KEY, is_operator=True) == "recorded"
    assert counters(seeded) == {BOB: [1, 0, 0, 0]}


def test_a_program_reports_for_the_servers_of_its_brand_alone(seeded: Database) -> None:
    seeded.add_brand("theirs", "another connect key")
    seeded.connect_server("80", "theirs")
    seeded.call("add_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    assert told(seeded, PROGRAM) == "recorded"
    before = seeded.contents()
    strangers = [told(seeded, PROGRAM, server="80"), told(seeded, PROGRAM, server="404"), told(seeded, KEY)]
    assert strangers == ["unknown_key"] * 3
    seeded.run("update discord_server_configs set is_active = false where server_id = '77'")
    assert told(seeded, PROGRAM) == "unknown_key"
    assert counters(seeded) == {BOB: [1, 0, 0, 0]}
    assert before["recorded_items"] == seeded.contents()["recorded_items"]


def test_a_connect_key_is_no_program_key(seeded: Database) -> None:
    kept = seeded.value("select key from brand_keys where kind = 'connect'")
    assert told(seeded, kept) == "unknown_key"


def test_a_key_that_is_taken_away_reports_no_more(seeded: Database) -> None:
    seeded.call("add_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    seeded.call("remove_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    assert told(seeded, PROGRAM) == "unknown_key"


def test_a_server_that_is_not_connected_is_refused_and_nothing_remembered(db: Database) -> None:
    items = [message(), event("quest"), 5]
    assert record(db, *items) == [{"result": "refused", "refused": [{"outcome": "server_not_connected"}]}] * 3
    db.connect_server()
    db.add_event("quest", 10)
    assert [each["result"] for each in record(db, *items)] == ["counted", "paid", "invalid"]
    db.run("update discord_server_configs set is_active = false")
    assert record(db, message()) == [{"result": "refused", "refused": [{"outcome": "server_not_connected"}]}]


def test_over_postgrest(seeded: Database, rest: Rest) -> None:
    body = {
        "p_key": KEY,
        "p_is_operator": True,
        "p_server_id": "77",
        "p_items": [message(at=datetime.now().astimezone())],
    }
    answer = rest(role="service_role").post("/rpc/record_events", json=body).json()
    assert (answer["outcome"], answer["results"][0]["result"]) == ("recorded", "counted")
    for role in ("anon", "authenticated"):
        assert rest(role=role).post("/rpc/record_events", json=body).is_error
