"""get_settings: what people read of a server's settings, in whatever valid shape another program wrote them."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.infra.supabase.test_settings import GOOD
from tests.sql import ADMIN, Caller, Database, Row

DEFAULTS: Row = {
    "timezone": "UTC",
    "grace_hours": 24,
    "tiers": [
        {"days": 3, "multiplier": 1.1},
        {"days": 7, "multiplier": 1.25},
        {"days": 14, "multiplier": 1.5},
        {"days": 30, "multiplier": 2.0},
    ],
    "milestones": [
        {"days": 7, "reward": 50},
        {"days": 30, "reward": 200},
        {"days": 100, "reward": 1000},
        {"days": 365, "reward": 5000},
    ],
    "defaults": ["timezone", "grace_hours", "tiers", "milestones"],
    "role_bonuses": [],
    "admin_roles": [],
    "excluded_channels": [],
    "admin_channel": None,
    "test_mode": {"enabled": False, "role": None},
}


def facts(db: Database, settings: Any) -> Row:
    """What is read of settings."""
    db.connect_server(settings=settings)
    after: Row = db.call("get_settings", ADMIN)["after"]
    return after


@pytest.mark.parametrize("settings", [None, {}, {"streak": {}, "role_bonuses": {}, "test_mode": {}}])
def test_defaults_are_filled_in(db: Database, settings: Any) -> None:
    assert facts(db, settings) == DEFAULTS


def test_everything_that_is_set(db: Database) -> None:
    streak = {"grace_hours": 48, "tiers": [{"days": 2, "multiplier": 3}], "milestones": []}
    assert facts(
        db,
        {
            "timezone": "Asia/Tokyo",
            "streak": streak,
            "role_bonuses": {"6": {"flat": 5}, "5": {"multiplier": 1.5}},
            "admin_roles": {"5": 1, "7": 4.0, "6": 4},
            "excluded_channels": ["89", "88"],
            "admin_channel": "90",
            "test_mode": {"enabled": True, "role": "8"},
        },
    ) == {
        "timezone": "Asia/Tokyo",
        **streak,
        "defaults": [],
        "role_bonuses": [{"role": "5", "multiplier": 1.5, "flat": 0}, {"role": "6", "multiplier": 1, "flat": 5}],
        "admin_roles": [{"role": "6", "level": 4}, {"role": "7", "level": 4}, {"role": "5", "level": 1}],
        "excluded_channels": ["89", "88"],
        "admin_channel": "90",
        "test_mode": {"enabled": True, "role": "8"},
    }


@pytest.mark.parametrize("settings", GOOD, ids=repr)
def test_whatever_is_valid_can_be_read(db: Database, settings: Any) -> None:
    assert facts(db, settings).keys() == DEFAULTS.keys()


@pytest.mark.parametrize(("channel", "shown"), [(89, "89"), ({"id": 5}, '{"id": 5}'), (None, None)])
def test_an_admin_channel_of_any_shape_is_text(db: Database, channel: Any, shown: str | None) -> None:
    db.connect_server()
    with db.without_triggers():  # from before migration 014
        db.set_settings({"admin_channel": channel})
    assert db.call("get_settings", ADMIN)["after"]["admin_channel"] == shown


@pytest.mark.parametrize(
    "settings", [None, {"streak": {"tiers": [{"days": 9, "multiplier": 3}, {"days": 2, "multiplier": 1.5}]}}]
)
def test_the_tiers_that_are_shown_are_those_that_pay(db: Database, settings: Any) -> None:
    shown = facts(db, settings)["tiers"]
    for streak in range(40):
        reached = [tier["multiplier"] for tier in shown if tier["days"] <= streak]
        paid = db.value("select internal.streak_multiplier(%s, %s)", Jsonb(settings), streak)
        assert float(paid) == (reached or [1.0])[-1], streak


def test_the_connection_is_told_too(db: Database) -> None:
    db.connect_server()
    db.run("update discord_server_configs set server_name = 'Guild'")
    result = db.call("get_settings", ADMIN)
    assert (result["outcome"], result["brand_id"], result["server_name"]) == ("settings", "brand", "Guild")


def test_who_may_not_is_refused(db: Database) -> None:
    assert db.call("get_settings", ADMIN) == {"outcome": "server_not_connected"}
    db.connect_server()
    assert db.call("get_settings", Caller(required_level=4))["outcome"] == "not_allowed"
