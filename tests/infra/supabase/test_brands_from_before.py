"""What was connected before migration 018 stays so; its brands get a key when an operator gives them one."""

import hashlib
from dataclasses import replace

import pytest

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, BOB, KEY_HASH, NOON, Database

OLD, NEW = ([path for path in MIGRATIONS if (path.name < "018") is is_old] for is_old in (True, False))


@pytest.fixture
def old(make_database: MakeDatabase) -> Database:
    """Today's functions on a database without brands, where a server is connected and another brand has a rule."""
    made = make_database(OLD)
    database.reload_functions(made.url)
    made.connect_server()
    made.connect_server("78")
    made.add_event("quest", 10, claimable=True)
    made.add_event("quest", 10, server_id=None, brand_id="of a rule alone")
    return made


def earn(db: Database) -> str:
    """The outcome of a member's /claim."""
    return str(db.call("claim_event", BOB.again(), event_type="quest", now=NOON)["outcome"])


def apply(db: Database) -> None:
    """Apply the migration, as the first step of a deploy does."""
    for path in NEW:
        db.run_file(path)


@pytest.mark.parametrize("is_deployed", [False, True], ids=["between the steps of a deploy", "after it"])
def test_members_go_on_earning(old: Database, is_deployed: bool) -> None:
    assert earn(old) == "event_claimed"
    apply(old)
    if is_deployed:
        database.reload_functions(old.url)
    assert earn(old) == "event_claimed"
    assert old.call("get_cooldowns", BOB, now=NOON)["refusal"] is None
    assert old.call("set_brand_active", brand_id="brand", is_active=False)["outcome"] == "brand_changed"
    assert earn(old) == "brand_disabled"


def test_every_brand_in_use_is_there_without_a_key(old: Database) -> None:
    apply(old)
    rows = old.rows("select * from brands order by brand_id")
    assert [tuple(row.values()) for row in rows] == [("brand", None, True), ("of a rule alone", None, True)]
    assert old.rows("select from brand_keys") == []


def test_nobody_else_connects_before_an_operator_gives_out_a_key(old: Database) -> None:
    apply(old)
    for caller in (ADMIN, replace(ADMIN, server_id="79")):  # the connected server as well
        for arguments in ({}, {"key_hash": KEY_HASH}):
            told = old.call("connect_server", caller.again(), brand_id="brand", **arguments)
            assert told == {"outcome": "brand_key_refused"}
    key = old.call("rotate_brand_key", brand_id="brand")["key"]
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    caller = replace(ADMIN, server_id="79")
    assert old.call("connect_server", caller.again(), brand_id="brand", key_hash=key_hash)["outcome"] == "connected"
