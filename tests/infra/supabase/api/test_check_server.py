"""check_server: is a server set up well, and does what should run run?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.infra.supabase.internal.problems import IN_UNKNOWN_CATEGORY
from tests.sql import ADMIN, HOUR, KEY_HASH, MINUTE, NOON, Caller, Database, Row

LATE = timedelta(minutes=6)


@pytest.fixture
def seeded(db: Database) -> Database:
    """A server that was connected with /setup connect, and another whose drops are in every trouble."""
    db.add_brand()
    db.call("connect_server", ADMIN, brand_id="brand", key_hash=KEY_HASH)
    db.connect_server("78")
    db.add_drop(server_id="78", expires_at=NOON - LATE)
    db.add_drop(server_id="78", render_attempts=3)
    return db


def check(db: Database, caller: Caller = ADMIN) -> Row:
    """A /setup check."""
    return db.call("check_server", caller, now=NOON)


def test_a_server_that_is_well(seeded: Database) -> None:
    seeded.add_drop(expires_at=NOON + HOUR)
    seeded.add_drop(expires_at=NOON - 2 * MINUTE)  # the schedule runs every minute
    seeded.add_drop(rendered_revision=1, render_attempts=0)
    seeded.add_drop(ended_at=NOON - HOUR, end_reason="expired", expires_at=NOON - HOUR, is_settled=True)
    before = seeded.contents()
    result = check(seeded)
    assert result.pop("settings") == seeded.call("get_settings", ADMIN)["after"]
    assert result == {
        "outcome": "server_check",
        "is_connected": True,
        "brand_id": "brand",
        "is_brand_active": True,
        "server_name": None,
        "missing_migrations": [],
        "events": 4,
        "events_off": 0,
        "missing_events": [],
        "settings_problem": None,
        "is_excluded": False,
        "exclusion": None,
        "drops_overdue": 0,
        "drops_behind": 0,
        "channels_behind": [],
    }
    assert seeded.contents() == before


def test_a_server_that_is_not_connected(db: Database) -> None:
    nothing = {"outcome": "server_check", "is_connected": False, "missing_migrations": []}
    assert check(db) == nothing | {"brand_id": None}
    db.connect_server()
    db.run("update discord_server_configs set is_active = false")
    assert check(db) == nothing | {"brand_id": "brand"}


def test_events_that_are_off_or_missing(seeded: Database) -> None:
    seeded.run("delete from monitoring_rules where event_type in ('news_tracker', 'welcome_bonus')")
    seeded.add_event("welcome_bonus", server_id=None)
    seeded.run("update monitoring_rules set is_enabled = false where event_type = 'daily_checkin'")
    result = check(seeded)
    assert (result["events"], result["events_off"], result["missing_events"]) == (3, 1, ["news_tracker"])


def test_drops_that_should_have_ended_and_messages_that_cannot_be_updated(seeded: Database) -> None:
    seeded.add_drop(expires_at=NOON - LATE)
    for channel in ("88", "87", "88"):
        seeded.add_drop(channel_id=channel, render_attempts=1)
    seeded.add_drop(ended_at=NOON, end_reason="ended", render_attempts=2, channel_id="86")
    seeded.add_drop(ended_at=NOON, end_reason="ended", render_attempts=21, channel_id="85", is_settled=True)
    result = check(seeded)
    assert result["drops_overdue"] == 1
    assert (result["drops_behind"], result["channels_behind"]) == (4, ["86", "87", "88"])


def test_this_channel_is_excluded(seeded: Database) -> None:
    seeded.call("exclude_channel", ADMIN.again(), channel_id="88")
    assert check(seeded)["is_excluded"]
    here = {"outcome": "channel_excluded", "channel_id": "88", "excluded": "88"}
    assert check(seeded)["exclusion"] == here
    seeded.set_settings({"excluded_channels": ["86"]})
    assert not check(seeded)["is_excluded"]
    in_thread = check(seeded, replace(ADMIN, parent_ids=("87", "86")))
    assert (in_thread["is_excluded"], in_thread["exclusion"]) == (True, here | {"excluded": "86"})
    assert check(seeded, replace(ADMIN, **IN_UNKNOWN_CATEGORY)) == {"outcome": "category_needed"}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone must be an IANA name such as Europe/Berlin"),
        ({"excluded_channels": 5, "role_bonuses": []}, "role_bonuses must map role ids"),
        ({"streak": {"milestones": [{"days": 1e6, "reward": 1}]}}, "streak.milestones may be 50"),
        ([], "config_metadata must be an object"),
    ],
)
def test_settings_from_before_they_were_checked(seeded: Database, settings: Any, problem: str) -> None:
    with seeded.without_triggers():
        seeded.set_settings(settings)
    before = seeded.contents()
    result = check(seeded)
    assert result["settings_problem"].startswith(problem)
    assert "settings" not in result
    assert seeded.contents() == before


def test_who_may_not_is_refused(seeded: Database) -> None:
    assert check(seeded, Caller(required_level=4)) == {"outcome": "not_allowed", "required_level": 4}


def test_every_migration_that_is_missing_is_named(make_database: MakeDatabase) -> None:
    made = make_database([path for path in MIGRATIONS if path.name < "008"])
    database.reload_functions(made.url)
    later = [path for path in MIGRATIONS if path.name >= "008"]
    made.connect_server()
    for place, path in enumerate(later):
        assert check(made)["missing_migrations"] == [path.name[:3] for path in later[place:]]
        made.run_file(path)
    assert check(made)["missing_migrations"] == []
