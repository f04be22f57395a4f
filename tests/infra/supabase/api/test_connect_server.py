"""connect_server: the link to a brand and the events that come with it."""

import hashlib
from dataclasses import replace
from functools import partial

import pytest

from tests.sql import ADMIN, KEY_HASH, Database, Row

DEFAULTS = {
    "daily_checkin": (25, None, None),
    "news_tracker": (5, None, None),
    "regular_engagement": (10, 1, None),
    "welcome_bonus": (50, None, 1),
}


@pytest.fixture
def db(db: Database) -> Database:
    """A database with two brands."""
    for brand in ("brand", "another"):
        db.add_brand(brand)
    return db


def connect(db: Database, brand_id: str = "brand", **arguments: str) -> Row:
    """A new /setup connect."""
    return db.call("connect_server", ADMIN.again(), brand_id=brand_id, **{"key_hash": KEY_HASH} | arguments)


def own_events(db: Database) -> dict[str, tuple[object, ...]]:
    """The server's own rules: reward, cooldown, limit."""
    rows = db.rows("select * from monitoring_rules where server_id = '77'")
    return {r["event_type"]: (r["reward_amount"], r["cooldown_hours"], r["max_claims_per_user"]) for r in rows}


def test_a_new_server_gets_the_four_events(db: Database) -> None:
    db.connect_server("78", "another")
    db.add_event("quest", 3, server_id="78", brand_id="another")
    others = db.rows("select * from monitoring_rules")
    result = connect(db, server_name="The Server")
    assert (result["outcome"], result["brand_id"]) == ("connected", "brand")
    assert [event["event"] for event in result["events"]] == sorted(DEFAULTS)
    assert own_events(db) == DEFAULTS
    assert {event["event"]: event["detection"] for event in result["events"] if event["detection"]} == {
        "regular_engagement": {"trigger": "message", "min_characters": 100, "min_words": 20}
    }
    assert db.rows("select * from monitoring_rules where server_id = '78'") == others
    assert db.one("select * from discord_server_configs where server_id = '77'") == {
        "server_id": "77",
        "brand_id": "brand",
        "server_name": "The Server",
        "is_active": True,
        "config_metadata": None,
    }
    facts = db.rows(
        "select distinct is_enabled, claimable, max_total_claims, brand_id from monitoring_rules where server_id = '77'"
    )
    assert facts == [{"is_enabled": True, "claimable": False, "max_total_claims": None, "brand_id": "brand"}]


def test_running_it_again_changes_nothing(db: Database) -> None:
    first = connect(db)
    before = db.contents()
    assert connect(db) == first
    assert db.contents() == before


def test_running_it_again_repairs_what_is_missing_and_leaves_what_is_there(db: Database) -> None:
    connect(db, server_name="The Server")
    db.run("delete from monitoring_rules where event_type = 'news_tracker'")
    db.run("update monitoring_rules set reward_amount = 99, is_enabled = false where event_type = 'welcome_bonus'")
    connect(db)
    assert own_events(db) == DEFAULTS | {"welcome_bonus": (99, None, 1)}
    assert db.value("select is_enabled from monitoring_rules where event_type = 'welcome_bonus'") is False
    assert db.value("select server_name from discord_server_configs") == "The Server"


def test_an_event_that_the_brand_has_for_all_its_servers_is_not_doubled(db: Database) -> None:
    db.add_event("daily_checkin", 40, server_id=None)
    result = connect(db)
    assert own_events(db) == {name: facts for name, facts in DEFAULTS.items() if name != "daily_checkin"}
    daily = next(event for event in result["events"] if event["event"] == "daily_checkin")
    assert (daily["reward"], daily["brand_wide"]) == (40, True)


def test_a_server_of_another_brand_stays_where_it_is(db: Database) -> None:
    connect(db, "another")
    before = db.contents()
    assert connect(db, "brand") == {"outcome": "connected_elsewhere", "brand_id": "another"}
    assert db.contents() == before


@pytest.mark.parametrize("brand_id", ["brand", "another"])
def test_a_disconnected_server_can_be_connected_again(db: Database, brand_id: str) -> None:
    connect(db, "brand", server_name="The Server")
    db.set_settings({"timezone": "Europe/Berlin"})
    db.call("disconnect_server", ADMIN.again())
    result = connect(db, brand_id)
    assert (result["outcome"], result["brand_id"]) == ("connected", brand_id)
    row = db.one("select brand_id, server_name, is_active, config_metadata from discord_server_configs")
    assert list(row.values()) == [brand_id, "The Server", True, {"timezone": "Europe/Berlin"}]
    held = {rule["event"] for rule in db.call("list_events", ADMIN.again())["events"]}
    assert held == set(DEFAULTS)


def test_a_redelivery_and_twenty_at_once_connect_once(db: Database) -> None:
    results = db.race([lambda each: each.call("connect_server", ADMIN, brand_id="brand", key_hash=KEY_HASH)] * 20)
    assert all(result == results[0] for result in results)
    assert results[0]["outcome"] == "connected"
    assert own_events(db) == DEFAULTS
    assert db.value("select count(*) from monitoring_rules") == 4


def test_of_two_brands_at_once_one_wins(db: Database) -> None:
    brands = [f"brand {n}" for n in range(10)]
    for brand in brands:
        db.add_brand(brand)
    results = db.race([partial(connect, brand_id=brand) for brand in brands], at_once=10)
    winner = db.value("select brand_id from discord_server_configs")
    assert sorted(r["outcome"] for r in results) == ["connected", *["connected_elsewhere"] * 9]
    assert {r["brand_id"] for r in results} == {winner}
    assert db.value("select count(*) from monitoring_rules where brand_id = %s", winner) == 4
    assert db.value("select count(*) from monitoring_rules") == 4


def test_a_member_cannot(db: Database) -> None:
    member = replace(ADMIN, manages_server=False)
    result = db.call("connect_server", member, brand_id="brand")
    assert result == {"outcome": "not_allowed", "required_level": 4}
    assert db.rows("select from discord_server_configs") == []


# --- The key


REFUSED = {"outcome": "brand_key_refused"}


@pytest.mark.parametrize("key_hash", ["", "ab" * 32, KEY_HASH.upper(), f"{KEY_HASH} ", None])
def test_a_wrong_key_and_an_unknown_brand_are_one_answer(db: Database, key_hash: str | None) -> None:
    before = db.contents()
    for brand in ("brand", "unknown"):
        assert db.call("connect_server", ADMIN.again(), brand_id=brand, key_hash=key_hash) == REFUSED
    assert db.call("connect_server", ADMIN.again(), brand_id="brand") == REFUSED  # as the release before calls it
    assert db.contents() == before


def test_the_key_of_another_brand_does_not_open_this_one(db: Database) -> None:
    key = db.call("rotate_brand_key", brand_id="another")["key"]
    kept = hashlib.sha256(key.encode()).hexdigest()
    assert connect(db, "brand", key_hash=kept) == REFUSED
    assert connect(db, "another", key_hash=kept)["outcome"] == "connected"


@pytest.mark.parametrize("is_active", [True, False])
def test_a_server_of_the_brand_needs_the_key_as_well(db: Database, is_active: bool) -> None:
    db.run("insert into discord_server_configs (server_id, brand_id, is_active) values ('77', 'brand', %s)", is_active)
    before = db.contents()
    assert connect(db, key_hash="ab" * 32) == REFUSED
    assert db.contents() == before
    assert connect(db)["outcome"] == "connected"


def test_whoever_lacks_the_key_learns_nothing_of_a_server_elsewhere(db: Database) -> None:
    connect(db, "another")
    assert connect(db, "brand", key_hash="ab" * 32) == REFUSED


def test_a_refusal_is_repeated_to_a_redelivery_though_the_key_is_right_by_now(db: Database) -> None:
    wrong = db.call("connect_server", ADMIN, brand_id="brand", key_hash="ab" * 32)
    db.run("update brand_keys set key = %s where brand_id = 'brand'", "ab" * 32)
    assert db.call("connect_server", ADMIN, brand_id="brand", key_hash="ab" * 32) == wrong == REFUSED
    assert connect(db, key_hash="ab" * 32)["outcome"] == "connected"


def test_a_redelivery_is_answered_though_the_key_has_changed_since(db: Database) -> None:
    first = db.call("connect_server", ADMIN, brand_id="brand", key_hash=KEY_HASH)
    db.call("rotate_brand_key", brand_id="brand")
    assert db.call("connect_server", ADMIN, brand_id="brand", key_hash=KEY_HASH) == first
    assert first["outcome"] == "connected"


def test_two_servers_connect_by_one_key_at_once(db: Database) -> None:
    servers = [str(number) for number in range(70, 90)]

    def of(server_id: str, each: Database) -> str:
        caller = replace(ADMIN, server_id=server_id)
        return str(each.call("connect_server", caller, brand_id="brand", key_hash=KEY_HASH)["outcome"])

    assert db.race([partial(of, server) for server in servers]) == ["connected"] * 20
    assert db.value("select count(*) from monitoring_rules") == 80
