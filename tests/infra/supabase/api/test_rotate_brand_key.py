"""rotate_brand_key: a new connect key, which ends the one before."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg.rows import dict_row

from tests.sql import ADMIN, KEY_HASH, NOON, SECOND, Caller, Database


def kept(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def connect(db: Database, key_hash: str, server_id: str = "77") -> str:
    """The outcome of a new /setup connect."""
    caller = Caller(user_id="9001", server_id=server_id, manages_server=True, required_level=4).again()
    return str(db.call("connect_server", caller, brand_id="brand", key_hash=key_hash)["outcome"])


def test_the_old_key_connects_no_more_and_the_new_one_does(db: Database) -> None:
    db.add_brand()
    db.add_brand("another")
    assert connect(db, KEY_HASH, "76") == "connected"
    rotated = db.call("rotate_brand_key", brand_id="brand", now=NOON + SECOND)
    assert (rotated["outcome"], rotated["brand"]["servers"]) == ("brand_key_rotated", 1)
    assert connect(db, KEY_HASH) == "brand_key_refused"
    assert connect(db, kept(rotated["key"])) == "connected"
    rows = db.rows("select brand_id, key, created_at from brand_keys order by brand_id")
    assert [(row["brand_id"], row["key"], row["created_at"]) for row in rows] == [
        ("another", KEY_HASH, NOON),
        ("brand", kept(rotated["key"]), NOON + SECOND),
    ]


def test_a_connected_server_goes_on_earning(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.call("rotate_brand_key", brand_id="brand")
    assert seeded.call("claim_drop", Caller().again(), drop_id=drop, now=NOON)["outcome"] == "claimed"


def test_a_brand_without_a_key_gets_one(db: Database) -> None:
    db.run("insert into brands (brand_id) values ('brand')")
    assert connect(db, KEY_HASH) == "brand_key_refused"
    assert connect(db, kept(db.call("rotate_brand_key", brand_id="brand")["key"])) == "connected"


def test_program_keys_stay(db: Database) -> None:
    db.add_brand()
    db.call("add_program_key", brand_id="brand", public_key="ab" * 32)
    assert db.call("rotate_brand_key", brand_id="brand")["brand"]["program_keys"] == ["ab" * 32]


def test_an_unknown_brand_gets_none(db: Database) -> None:
    assert db.call("rotate_brand_key", brand_id="brand") == {"outcome": "brand_not_found", "brand_id": "brand"}
    assert db.rows("select from brand_keys") == []


def test_of_twenty_rotations_at_once_the_last_one_holds(db: Database) -> None:
    db.add_brand()
    answers = db.race([lambda each: each.call("rotate_brand_key", brand_id="brand")] * 20)
    assert len({answer["key"] for answer in answers}) == 20
    assert db.value("select key from brand_keys") in {kept(answer["key"]) for answer in answers}


def test_a_rotation_waits_for_whoever_is_connecting_by_the_old_key(db: Database) -> None:
    """So nobody connects by it once the new key is known."""
    db.add_brand()
    with psycopg.connect(db.url, row_factory=dict_row) as connecting, ThreadPoolExecutor(1) as pool:
        connecting.execute("select")  # begins a transaction
        Database(connecting, db.url).call("connect_server", ADMIN, brand_id="brand", key_hash=KEY_HASH)
        rotation = pool.submit(db.race, [lambda each: each.call("rotate_brand_key", brand_id="brand")])
        while not rotation.done() and not db.value("select exists (select from pg_locks where not granted)"):
            time.sleep(0.01)
        assert not rotation.done()
        connecting.commit()
        assert rotation.result()[0]["outcome"] == "brand_key_rotated"
    assert connect(db, KEY_HASH, "79") == "brand_key_refused"
    assert db.value("select server_id from discord_server_configs") == "77"


def test_whoever_comes_while_a_rotation_runs_is_refused(db: Database) -> None:
    db.add_brand()
    with psycopg.connect(db.url, row_factory=dict_row) as rotating, ThreadPoolExecutor(1) as pool:
        rotating.execute("select")
        Database(rotating, db.url).call("rotate_brand_key", brand_id="brand")
        late = pool.submit(db.race, [lambda each: connect(each, KEY_HASH)])
        while not late.done() and not db.value("select exists (select from pg_locks where not granted)"):
            time.sleep(0.01)
        assert not late.done()
        rotating.commit()
        assert late.result() == ["brand_key_refused"]
