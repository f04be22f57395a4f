"""set_role_bonus: what a role earns more."""

from dataclasses import replace

from psycopg.types.json import Jsonb

from tests.infra.supabase.test_change_settings import stored
from tests.sql import ADMIN, NOON, Caller, Database, Row

BOB = Caller(user_id="1002", role_ids=("5", "6"))


def set_bonus(db: Database, role: str, **given: float) -> Row:
    """A /config role-bonus set."""
    return db.call("set_role_bonus", ADMIN.again(), role_id=role, **given)


def test_it_pays_at_the_next_click(room: Database) -> None:
    room.run("update monitoring_rules set claimable = true")
    set_bonus(room, "5", multiplier=1.5)
    set_bonus(room, "6", multiplier=1.25, flat=2.5)
    assert room.call("claim_event", BOB.again(), event_type="quest", now=NOON)["amount"] == 17.5
    other = replace(BOB, user_id="1003", role_ids=("7",)).again()
    assert room.call("claim_event", other, event_type="quest", now=NOON)["amount"] == 10


def test_what_is_left_out_stays(room: Database) -> None:
    set_bonus(room, "5", multiplier=2)
    set_bonus(room, "5", flat=7)
    assert stored(room) == {"role_bonuses": {"5": {"multiplier": 2, "flat": 7}}}
    set_bonus(room, "5", multiplier=1)
    assert stored(room) == {"role_bonuses": {"5": {"multiplier": 1, "flat": 7}}}
    assert set_bonus(room, "5")["outcome"] == "settings_unchanged"


def test_nothing_at_all_is_no_bonus(room: Database) -> None:
    assert set_bonus(room, "5") == {"outcome": "role_bonus_empty", "role": "5"}
    assert stored(room) is None


def test_everybodys_role_gets_none(room: Database) -> None:
    assert set_bonus(room, "77", flat=5) == {"outcome": "everyone_without_bonus"}


def test_what_another_program_keeps_with_it_stays(room: Database) -> None:
    kept = {"5": {"name": "Booster", "flat": 1}}
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"role_bonuses": kept}))
    set_bonus(room, "5", flat=3)
    assert stored(room)["role_bonuses"]["5"] == {"name": "Booster", "flat": 3}


def test_what_another_caller_gets_wrong_is_refused(room: Database) -> None:
    assert set_bonus(room, "5", multiplier=9)["outcome"] == "settings_refused"
    assert stored(room) is None
