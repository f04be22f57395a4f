"""add_brand: a brand and its connect key, which is shown once."""

import hashlib
import re

import pytest

from tests.infra.conftest import Rest
from tests.sql import ADMIN, NOON, Database


def test_a_new_brand_has_a_key_that_connects(db: Database) -> None:
    added = db.call("add_brand", brand_id="brand", name=" The Brand ", now=NOON)
    key = added.pop("key")
    facts = {"brand_id": "brand", "name": "The Brand", "is_active": True, "has_connect_key": True}
    assert added == {"outcome": "brand_added", "brand": facts | {"program_keys": [], "servers": 0}}
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", key)  # 256 bits that a URL can hold
    kept = hashlib.sha256(key.encode()).hexdigest()
    assert db.one("select kind, key, created_at from brand_keys") == {
        "kind": "connect",
        "key": kept,
        "created_at": NOON,
    }
    assert db.call("connect_server", ADMIN, brand_id="brand", key_hash=kept)["outcome"] == "connected"


def test_only_the_hash_of_the_key_is_kept(db: Database) -> None:
    key = db.call("add_brand", brand_id="brand")["key"]
    assert key not in str(db.contents())


def test_no_two_keys_are_the_same(db: Database) -> None:
    keys = {db.call("add_brand", brand_id=f"brand {number}")["key"] for number in range(200)}
    assert len(keys) == 200
    assert len({key[:8] for key in keys}) == 200


@pytest.mark.parametrize("at_once", [1, 20])
def test_a_brand_is_added_once(db: Database, at_once: int) -> None:
    answers = db.race([lambda each: each.call("add_brand", brand_id="brand")] * (at_once + 1), at_once)
    assert sorted(answer["outcome"] for answer in answers) == ["brand_added", *["brand_exists"] * at_once]
    (added,) = [answer for answer in answers if answer["outcome"] == "brand_added"]
    assert db.value("select key from brand_keys") == hashlib.sha256(added["key"].encode()).hexdigest()
    assert all(set(answer) == {"outcome", "brand_id"} for answer in answers if answer is not added)


@pytest.mark.parametrize("brand_id", [None, "", " ", " brand", "brand\n", "x" * 101])
def test_an_id_that_nobody_could_connect_to(db: Database, brand_id: str | None) -> None:
    assert db.call("add_brand", brand_id=brand_id) == {"outcome": "brand_id_invalid"}
    assert db.rows("select from brands") == []


@pytest.mark.parametrize(
    "brand_id", ["x", "x" * 100, "The brand of 2026", "0x1111111111111111111111111111111111111111"]
)
def test_any_other_id_will_do(db: Database, brand_id: str) -> None:
    assert db.call("add_brand", brand_id=brand_id)["brand"]["brand_id"] == brand_id


def test_a_brand_that_servers_name_already_can_be_added(db: Database) -> None:
    db.connect_server()
    assert db.call("add_brand", brand_id="brand")["brand"]["servers"] == 1


def test_nobody_reads_the_keys_over_the_api(db: Database, rest: Rest) -> None:
    db.add_brand()
    for role in ("service_role", "authenticated", "anon"):
        for answer in (
            rest(role=role).get("/brand_keys"),
            rest(role=role).post("/brand_keys", json={"brand_id": "brand", "kind": "connect", "key": "ab" * 32}),
            rest(role=role).patch("/brand_keys?brand_id=eq.brand", json={"key": "ab" * 32}),
            rest(role=role).delete("/brand_keys?brand_id=eq.brand"),
        ):
            assert answer.status_code in (401, 403), (role, answer.text)
    for verb, body in (("POST", {"brand_id": "another"}), ("PATCH", {"is_active": False}), ("DELETE", None)):
        answer = rest(role="service_role").request(verb, "/brands?brand_id=eq.brand", json=body)
        assert answer.status_code == 403
    assert rest(role="service_role").get("/brands?select=brand_id").json() == [{"brand_id": "brand"}]


def test_the_portal_adds_one_over_the_api(db: Database, rest: Rest) -> None:
    answer = rest(role="service_role").post("/rpc/add_brand", json={"p_brand_id": "brand"})
    assert answer.json()["outcome"] == "brand_added"
    for role in ("authenticated", "anon"):
        assert rest(role=role).post("/rpc/add_brand", json={"p_brand_id": "mine"}).status_code in (401, 403)
