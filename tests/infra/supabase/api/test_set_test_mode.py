"""set_test_mode: who earns while a server is tried out."""

from dataclasses import replace

from tests.infra.supabase.internal.test_settings_change import stored
from tests.sql import ADMIN, NOON, Caller, Database, Row

BOB = Caller(user_id="1002", role_ids=("5",))


def set_test_mode(db: Database, *, enabled: bool, role: str | None = None) -> Row:
    """A /config test-mode."""
    return db.call("set_test_mode", ADMIN.again(), enabled=enabled, role_id=role)


def claim(db: Database, caller: Caller) -> str:
    """What becomes of a claim."""
    return str(db.call("claim_event", caller.again(), event_type="quest", now=NOON)["outcome"])


def test_only_admins_and_the_role_earn(seeded: Database) -> None:
    seeded.run("update monitoring_rules set claimable = true")
    set_test_mode(seeded, enabled=True, role="5")
    assert claim(seeded, BOB) == "event_claimed"
    assert claim(seeded, replace(BOB, role_ids=())) == "test_mode"
    set_test_mode(seeded, enabled=True)
    assert claim(seeded, BOB) == "test_mode"
    assert claim(seeded, ADMIN) == "event_claimed"
    set_test_mode(seeded, enabled=False)
    assert claim(seeded, BOB) == "event_claimed"


def test_a_role_that_is_left_out_is_none(seeded: Database) -> None:
    set_test_mode(seeded, enabled=True, role="5")
    assert set_test_mode(seeded, enabled=True)["after"]["test_mode"] == {"enabled": True, "role": None}
    assert stored(seeded) == {"test_mode": {"enabled": True}}


def test_everybody_is_no_tester(seeded: Database) -> None:
    assert set_test_mode(seeded, enabled=True, role="77") == {"outcome": "everyone_no_tester"}
    assert stored(seeded) is None
