"""What every function that changes a server's settings has in common (internal/settings_change.sql)."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql import ADMIN, NOON, Caller, Database, Row

# Settings in which each of the changes below changes something, and what another program keeps there.
SETTINGS: Row = {
    "timezone": "Asia/Tokyo",
    "streak": {"grace_hours": 24, "theirs": 1},
    "excluded_channels": ["89"],
    "admin_channel": "90",
    "role_bonuses": {"5": {"flat": 1, "theirs": 2}},
    "admin_roles": {"5": 3},
    "test_mode": {"enabled": False, "theirs": 3},
    "theirs": {"deep": [1, None]},
}
CHANGES: dict[str, Row] = {
    "set_streaks": {"grace_hours": 8},
    "exclude_channel": {"channel_id": "88"},
    "include_channel": {"channel_id": "89"},
    "set_admin_channel": {"channel_id": "91"},
    "set_role_bonus": {"role_id": "6", "multiplier": 1.5},
    "remove_role_bonus": {"role_id": "5"},
    "set_admin_role": {"role_id": "6", "level": 1},
    "remove_admin_role": {"role_id": "5"},
    "set_test_mode": {"enabled": True},
}
FIRST = [name for name in CHANGES if name not in ("include_channel", "remove_role_bonus", "remove_admin_role")]
MANAGER = Caller(user_id="9002", role_ids=("5",), required_level=4, interaction_id="7000")


@pytest.fixture
def seeded(db: Database) -> Database:
    """Two connected servers with the same settings."""
    db.connect_server(settings=SETTINGS)
    db.connect_server("78", settings=SETTINGS)
    return db


def stored(db: Database, server_id: str = "77") -> Any:
    """The settings of a server as they are."""
    return db.value("select config_metadata from discord_server_configs where server_id = %s", server_id)


def change(db: Database, function: str, caller: Caller = ADMIN) -> Row:
    """Make the change of a function."""
    return db.call(function, caller, **CHANGES[function], now=NOON)


def log(db: Database) -> list[Row]:
    """What the audit log says about changes of servers."""
    return db.rows("select * from discord_audit_log where action = 'server.updated' order by id")


@pytest.mark.parametrize("function", CHANGES)
def test_a_change_is_written_told_and_audited(seeded: Database, function: str) -> None:
    result = change(seeded, function)
    assert result["outcome"] == "settings_changed"
    assert result["before"] != result["after"] == seeded.call("get_settings", ADMIN)["after"]
    assert (result["level"], result["clock_shift"]) == (4, 0)
    (row,) = log(seeded)
    assert (row["actor_type"], row["actor_id"], row["interaction_id"]) == ("admin", "9001", "5900")
    assert row["before_state"]["config_metadata"] == SETTINGS
    assert row["after_state"]["config_metadata"] == stored(seeded)


@pytest.mark.parametrize("function", CHANGES)
def test_the_rest_stays(seeded: Database, function: str) -> None:
    change(seeded, function)
    after = stored(seeded)
    changed = {key for key in SETTINGS if after.get(key) != SETTINGS[key]}
    assert len(changed) == 1
    assert after.keys() == SETTINGS.keys()
    assert after["streak"]["theirs"] == 1
    assert after["test_mode"]["theirs"] == 3
    assert stored(seeded, "78") == SETTINGS


@pytest.mark.parametrize("function", CHANGES)
def test_a_redelivery_gets_the_same_answer_and_undoes_nothing(seeded: Database, function: str) -> None:
    first = change(seeded, function)
    seeded.run("update discord_server_configs set config_metadata = %s where server_id = '77'", Jsonb(SETTINGS))
    assert change(seeded, function) == first
    assert stored(seeded) == SETTINGS
    assert change(seeded, function, ADMIN.again()) == first


@pytest.mark.parametrize("function", CHANGES)
def test_twins_at_once_get_one_answer_and_are_audited_once(seeded: Database, function: str) -> None:
    answers = seeded.race([partial(change, function=function)] * 8, at_once=8)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "settings_changed"
    assert len(log(seeded)) == 1


def test_changes_at_once_all_survive(seeded: Database) -> None:
    seeded.run("update discord_server_configs set config_metadata = null")

    def exclude(number: int, db: Database) -> Row:
        return db.call("exclude_channel", replace(ADMIN, interaction_id=f"1{number}"), channel_id=str(number))

    def bonus(number: int, db: Database) -> Row:
        return db.call("set_role_bonus", replace(ADMIN, interaction_id=f"2{number}"), role_id=str(number), flat=5)

    seeded.race([partial(act, number) for number in range(10) for act in (exclude, bonus)])
    after = seeded.call("get_settings", ADMIN)["after"]
    assert sorted(after["excluded_channels"]) == [str(number) for number in range(10)]
    assert [bonus["role"] for bonus in after["role_bonuses"]] == [str(number) for number in range(10)]


@pytest.mark.parametrize("function", FIRST)
@pytest.mark.parametrize("settings", [None, {}])
def test_a_server_without_settings_gets_its_first(db: Database, function: str, settings: Row | None) -> None:
    db.connect_server(settings=settings)
    first = change(db, function)
    assert first["outcome"] == "settings_changed"
    assert change(db, function) == first
    again = change(db, function, ADMIN.again())
    assert again == {"outcome": "settings_unchanged", "after": first["after"]}
    assert len(log(db)) == 1


def test_a_refusal_is_repeated_to_its_interaction_alone(seeded: Database) -> None:
    refused = {"outcome": "channel_not_excluded", "channel_id": "88"}
    assert seeded.call("include_channel", ADMIN, channel_id="88", now=NOON) == refused
    change(seeded, "exclude_channel", ADMIN.again())
    assert seeded.call("include_channel", ADMIN, channel_id="88", now=NOON) == refused
    assert seeded.call("include_channel", ADMIN.again(), channel_id="88", now=NOON)["outcome"] == "settings_changed"


@pytest.mark.parametrize("function", CHANGES)
def test_whoever_may_not_changes_nothing(seeded: Database, function: str) -> None:
    before = seeded.contents()
    assert change(seeded, function, MANAGER) == {"outcome": "not_allowed", "required_level": 4}
    assert seeded.contents() == before
    seeded.run("update discord_server_configs set is_active = false where server_id = '77'")
    before = seeded.contents()
    assert change(seeded, function) == {"outcome": "server_not_connected"}
    assert seeded.contents() == before


@pytest.mark.parametrize("function", CHANGES)
def test_what_is_out_of_order_stands_in_the_way_of_no_other_change(seeded: Database, function: str) -> None:
    broken = SETTINGS | {"timezone": "Mars/Olympus", "excluded_channels": ["general", "89"], "language": 5}
    with seeded.without_triggers():  # as if the zone had vanished from the system
        seeded.run("update discord_server_configs set config_metadata = %s where server_id = '77'", Jsonb(broken))
    assert change(seeded, function)["outcome"] == "settings_changed"
    assert stored(seeded)["timezone"] == "Mars/Olympus"
    assert len(log(seeded)) == 1


def test_what_is_new_and_out_of_order_is_a_refusal(seeded: Database) -> None:
    for function, given, problem in (
        ("exclude_channel", {"channel_id": "general"}, "excluded_channels must be a list of channel ids"),
        ("set_admin_channel", {"channel_id": ""}, "admin_channel must be a channel id"),
        ("set_role_bonus", {"role_id": "6", "flat": 0.001}, "role_bonuses must map role ids"),
        ("set_admin_role", {"role_id": "admins", "level": 1}, "admin_roles must map role ids"),
        ("set_test_mode", {"enabled": True, "role_id": "testers"}, "test_mode must be {enabled, role}"),
    ):
        found = seeded.call(function, ADMIN.again(), **given, now=NOON)
        assert (found["outcome"], found["problem"].startswith(problem)) == ("settings_refused", True), found
    assert stored(seeded) == SETTINGS
    assert log(seeded) == []


# Each says what is so already, in other words too.
SAME: list[tuple[str, Row]] = [
    ("set_streaks", {"grace_hours": 24}),
    ("set_streaks", {"timezone": "asia/tokyo"}),
    ("set_streaks", {"tiers": "default", "milestones": "default"}),
    ("exclude_channel", {"channel_id": "89"}),
    ("set_admin_channel", {"channel_id": "90"}),
    ("set_role_bonus", {"role_id": "5"}),
    ("set_role_bonus", {"role_id": "5", "flat": 1.0}),
    ("set_role_bonus", {"role_id": "5", "multiplier": 1}),
    ("set_admin_role", {"role_id": "5", "level": 3}),
    ("set_test_mode", {"enabled": False}),
]


@pytest.mark.parametrize(("function", "given"), SAME, ids=repr)
def test_what_is_so_already_is_told_and_leaves_no_row(seeded: Database, function: str, given: Row) -> None:
    given = {name: Jsonb(value) if value == "default" else value for name, value in given.items()}
    told = seeded.call(function, ADMIN, **given, now=NOON)
    assert told == {"outcome": "settings_unchanged", "after": seeded.call("get_settings", ADMIN)["after"]}
    assert stored(seeded) == SETTINGS
    assert log(seeded) == []


@pytest.mark.parametrize("settings", [None, {}, {"test_mode": {}}])
def test_what_is_off_without_a_setting_is_off_already(db: Database, settings: Row | None) -> None:
    db.connect_server(settings=settings)
    assert db.call("set_test_mode", ADMIN, enabled=False, now=NOON)["outcome"] == "settings_unchanged"
    assert db.call("set_admin_channel", ADMIN.again(), now=NOON)["outcome"] == "settings_unchanged"
    assert stored(db) == settings
    assert log(db) == []


def test_a_time_zone_that_has_vanished_can_be_replaced(seeded: Database) -> None:
    with seeded.without_triggers():
        seeded.set_settings({"timezone": "Mars/Olympus"})
    result = seeded.call("set_streaks", ADMIN, timezone="Asia/Tokyo", now=NOON)
    assert (result["outcome"], result["clock_shift"]) == ("settings_changed", None)
    assert seeded.call("set_streaks", ADMIN, timezone="Asia/Tokyo", now=NOON) == result
