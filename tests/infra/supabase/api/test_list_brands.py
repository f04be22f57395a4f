"""list_brands: what an operator sees, and never a key that connects."""

from tests.sql import KEY_HASH, Database


def test_every_brand_with_what_an_operator_needs(db: Database) -> None:
    assert db.call("list_brands") == {"outcome": "brands", "brands": []}
    db.add_brand("b", name="Bee", is_active=False)
    db.run("insert into brands (brand_id) values ('a')")
    db.call("add_program_key", brand_id="b", public_key="ab" * 32)
    for server, active in (("77", True), ("78", None), ("79", False)):
        db.run(
            "insert into discord_server_configs (server_id, brand_id, is_active) values (%s, 'b', %s)", server, active
        )
    found = db.call("list_brands")
    assert found["brands"] == [
        {"brand_id": "a", "name": None, "is_active": True, "has_connect_key": False, "program_keys": [], "servers": 0},
        {
            "brand_id": "b",
            "name": "Bee",
            "is_active": False,
            "has_connect_key": True,
            "program_keys": ["ab" * 32],
            "servers": 2,
        },
    ]
    assert KEY_HASH not in str(found)
