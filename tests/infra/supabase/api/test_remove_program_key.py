"""remove_program_key: a program acts for a brand no longer."""

from tests.sql import KEY_HASH, Database

PROGRAM = "ab" * 32


def test_only_that_key_of_that_brand_goes(db: Database) -> None:
    for brand in ("brand", "another"):
        db.add_brand(brand)
        for key in (PROGRAM, "0c" * 32):
            db.call("add_program_key", brand_id=brand, public_key=key)
    changed = db.call("remove_program_key", brand_id="brand", public_key=PROGRAM.upper())
    assert changed["brand"]["program_keys"] == ["0c" * 32]
    rows = db.rows("select key from brand_keys where brand_id = 'another' and kind = 'program' order by key")
    assert [row["key"] for row in rows] == ["0c" * 32, PROGRAM]


def test_what_is_not_there_is_said(db: Database) -> None:
    assert db.call("remove_program_key", brand_id="brand", public_key=PROGRAM)["outcome"] == "brand_not_found"
    db.add_brand()
    for key in (PROGRAM, KEY_HASH, None):  # no connect key goes this way
        told = db.call("remove_program_key", brand_id="brand", public_key=key)
        assert told == {"outcome": "program_key_unknown"}
    assert db.value("select count(*) from brand_keys") == 1
