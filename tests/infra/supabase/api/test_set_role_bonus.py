"""set_role_bonus: what a role earns more."""

from dataclasses import replace

from tests.infra.supabase.internal.test_settings_change import stored
from tests.sql import ADMIN, NOON, Caller, Database, Row

BOB = Caller(user_id="1002", role_ids=("5", "6"))


def set_bonus(db: Database, role: str, **given: float) -> Row:
    """A /config role-bonus set."""
    return db.call("set_role_bonus", ADMIN.again(), role_id=role, **given)


def test_it_pays_at_the_next_click(seeded: Database) -> None:
    seeded.run("update monitoring_rules set claimable = true")
    set_bonus(seeded, "5", multiplier=1.5)
    set_bonus(seeded, "6", multiplier=1.25, flat=2.5)
    assert seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON)["amount"] == 17.5
    other = replace(BOB, user_id="1003", role_ids=("7",)).again()
    assert seeded.call("claim_event", other, event_type="quest", now=NOON)["amount"] == 10


def test_what_is_left_out_stays(seeded: Database) -> None:
    set_bonus(seeded, "5", multiplier=2)
    set_bonus(seeded, "5", flat=7)
    assert stored(seeded) == {"role_bonuses": {"5": {"multiplier": 2, "flat": 7}}}
    set_bonus(seeded, "5", multiplier=1)
    assert stored(seeded) == {"role_bonuses": {"5": {"multiplier": 1, "flat": 7}}}
    assert set_bonus(seeded, "5")["outcome"] == "settings_unchanged"


def test_nothing_at_all_is_no_bonus(seeded: Database) -> None:
    assert set_bonus(seeded, "5") == {"outcome": "role_bonus_empty", "role": "5"}
    assert stored(seeded) is None


def test_everybodys_role_gets_none(seeded: Database) -> None:
    assert set_bonus(seeded, "77", flat=5) == {"outcome": "everyone_without_bonus"}


def test_what_another_program_keeps_with_it_stays(seeded: Database) -> None:
    kept = {"5": {"name": "Booster", "flat": 1}}
    seeded.set_settings({"role_bonuses": kept})
    set_bonus(seeded, "5", flat=3)
    assert stored(seeded)["role_bonuses"]["5"] == {"name": "Booster", "flat": 3}


def test_what_another_caller_gets_wrong_is_refused(seeded: Database) -> None:
    assert set_bonus(seeded, "5", multiplier=9)["outcome"] == "settings_refused"
    assert stored(seeded) is None
