"""add_program_key: the public keys of a brand's programs."""

import pytest

from tests.sql import ADMIN, NOON, SECOND, Database

FIRST, SECOND_KEY = "ab" * 32, "0c" * 32


def test_a_brand_may_have_several_and_each_once(db: Database) -> None:
    db.add_brand()
    db.call("add_program_key", brand_id="brand", public_key=FIRST.upper(), now=NOON)
    db.call("add_program_key", brand_id="brand", public_key=SECOND_KEY, now=NOON + SECOND)
    changed = db.call("add_program_key", brand_id="brand", public_key=FIRST, now=NOON + 2 * SECOND)
    assert (changed["outcome"], changed["brand"]["program_keys"]) == ("brand_changed", [FIRST, SECOND_KEY])
    assert db.value("select count(*) from brand_keys where kind = 'program'") == 2


def test_a_program_may_act_for_several_brands(db: Database) -> None:
    for brand in ("brand", "another"):
        db.add_brand(brand)
        assert db.call("add_program_key", brand_id=brand, public_key=FIRST)["outcome"] == "brand_changed"


@pytest.mark.parametrize("key", [None, "", "ab" * 31, "ab" * 33, "zz" * 32, f" {FIRST}", f"{FIRST}\n"])
def test_what_is_no_key(db: Database, key: str | None) -> None:
    db.add_brand()
    assert db.call("add_program_key", brand_id="brand", public_key=key) == {"outcome": "program_key_invalid"}
    assert db.rows("select from brand_keys where kind = 'program'") == []


def test_an_unknown_brand_takes_none(db: Database) -> None:
    told = db.call("add_program_key", brand_id="brand", public_key=FIRST)
    assert told == {"outcome": "brand_not_found", "brand_id": "brand"}


def test_a_programs_key_connects_no_server(db: Database) -> None:
    db.add_brand()
    db.call("add_program_key", brand_id="brand", public_key=FIRST)
    told = db.call("connect_server", ADMIN, brand_id="brand", key_hash=FIRST)
    assert told == {"outcome": "brand_key_refused"}
