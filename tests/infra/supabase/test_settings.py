"""What config_metadata may be: each mistake is refused with its own sentence, whoever writes."""

from typing import Any

import pytest
from psycopg import errors

from tests.sql import NOON, Caller, Database

TIMEZONE = "timezone must be an IANA name such as Europe/Berlin"
GRACE = "streak.grace_hours must be a whole number from 1 to 72"
TIERS = (
    "streak.tiers must be a list of up to 50 {days, multiplier}: 1 to 100,000 whole days, "
    "the multiplier from 1.0 to 5.0 with two decimals at most"
)
MILESTONES = "streak.milestones must be a list of {days, reward}, the reward with two decimals at most"
ADMIN_ROLES = "admin_roles must map role ids (1 to 20 digits) to levels from 1 to 4"
ROLE_BONUSES = (
    "role_bonuses must map role ids (1 to 20 digits) to {multiplier, flat}: "
    "1.0 to 5.0 and 0 to 1,000 RSNC, with two decimals at most"
)
CHANNELS = "excluded_channels must be a list of channel ids: texts of 1 to 20 digits"
ADMIN_CHANNEL = "admin_channel must be a channel id: text of 1 to 20 digits"
TEST_MODE = "test_mode must be {enabled, role}: true or false, and a role id (text of 1 to 20 digits)"
NO_IDS: tuple[Any, ...] = (
    "",
    "5" * 21,
    "general",
    "5\n",
    " 5",
    "\u0665",
    "-5",
    "5.0",
    "<#5>",
)


def tier(days: Any, multiplier: Any) -> dict[str, Any]:
    """Streak settings with one tier."""
    return {"streak": {"tiers": [{"days": days, "multiplier": multiplier}]}}


def milestone(days: Any, reward: Any) -> dict[str, Any]:
    """Streak settings with one milestone."""
    return {"streak": {"milestones": [{"days": days, "reward": reward}]}}


def bonus(value: Any) -> dict[str, Any]:
    """Settings with one role bonus."""
    return {"role_bonuses": {"1": value}}


def each(sentence: str, *values: Any) -> list[tuple[Any, str]]:
    """Settings that are refused with the same sentence."""
    return [(value, sentence) for value in values]


TIER = {"days": 3, "multiplier": 2}
BAD: list[tuple[Any, str]] = [
    *each("config_metadata must be an object", [], "UTC", 5),
    *each(TIMEZONE, *({"timezone": zone} for zone in ("Mars/Olympus", "", "europe/berlin", "+02:00"))),
    *each(TIMEZONE, {"timezone": 2}, {"timezone": None}, {"timezone": {}}, {"timezone": ["UTC"]}),
    *each("streak must be an object", {"streak": []}, {"streak": "7"}, {"streak": None}),
    *each(GRACE, *({"streak": {"grace_hours": hours}} for hours in (0, -1, 73, 1.5, 24.25))),
    *each(GRACE, *({"streak": {"grace_hours": hours}} for hours in ("24", None))),
    *each(GRACE, {"streak": {"grace_hours": [24]}}, {"streak": {"grace_hours": {}}}),
    *each(TIERS, {"streak": {"tiers": {}}}, {"streak": {"tiers": "x"}}, {"streak": {"tiers": None}}),
    *each(TIERS, {"streak": {"tiers": [3]}}, {"streak": {"tiers": [{}]}}, {"streak": {"tiers": [None]}}),
    *each(TIERS, {"streak": {"tiers": [{"days": 3}]}}, {"streak": {"tiers": [{"multiplier": 2}]}}),
    *each(TIERS, tier(0, 2), tier(-1, 2), tier("3", 2), tier(None, 2), tier([3], 2)),
    *each(TIERS, tier(3, 0.99), tier(3, 0), tier(3, 5.01), tier(3, "2"), tier(3, None), tier(3, [2]), tier(3, [1, 99])),
    *each(TIERS, {"streak": {"tiers": [[{"days": 3, "multiplier": 2}]]}}),
    *each(TIERS, {"streak": {"tiers": [{"days": 3, "multiplier": 2}, {"days": 7, "multiplier": 6}]}}),
    *each(
        MILESTONES, {"streak": {"milestones": {}}}, {"streak": {"milestones": "x"}}, {"streak": {"milestones": None}}
    ),
    *each(MILESTONES, {"streak": {"milestones": [7]}}, {"streak": {"milestones": [{"days": 7}]}}),
    *each(MILESTONES, milestone(0, 50), milestone("7", 50), milestone(None, 50), milestone([7], 50)),
    *each(MILESTONES, milestone(7, -1), milestone(7, "50"), milestone(7, None), milestone(7, [50])),
    *each(ADMIN_ROLES, {"admin_roles": []}, {"admin_roles": "x"}, {"admin_roles": 4}, {"admin_roles": None}),
    *each(ADMIN_ROLES, *({"admin_roles": {"1": level}} for level in (0, 5, 2.5, True))),
    *each(ADMIN_ROLES, {"admin_roles": {"1": "4"}}, {"admin_roles": {"1": None}}, {"admin_roles": {"1": [4]}}),
    *each(ADMIN_ROLES, {"admin_roles": {"1": 4, "2": 9}}),
    *each(ROLE_BONUSES, {"role_bonuses": []}, {"role_bonuses": "x"}, {"role_bonuses": None}),
    *each(ROLE_BONUSES, bonus(2), bonus([]), bonus(None), bonus([{"flat": 5}])),
    *each(ROLE_BONUSES, bonus({"multiplier": 0.9}), bonus({"multiplier": 5.1}), bonus({"multiplier": "2"})),
    *each(ROLE_BONUSES, bonus({"multiplier": None}), bonus({"multiplier": [2]}), bonus({"multiplier": [2, 9]})),
    *each(ROLE_BONUSES, bonus({"flat": -1}), bonus({"flat": 1000.5}), bonus({"flat": "5"}), bonus({"flat": [5]})),
    *each(ROLE_BONUSES, {"role_bonuses": {"1": {"flat": 5}, "2": {"flat": 5000}}}),
    *each(CHANNELS, {"excluded_channels": {}}, {"excluded_channels": "88"}, {"excluded_channels": None}),
    *each(CHANNELS, {"excluded_channels": ["87", 88]}, {"excluded_channels": [None]}),  # ids are text
    *each(CHANNELS, {"excluded_channels": [["88"]]}),
    *each(TEST_MODE, {"test_mode": []}, {"test_mode": True}, {"test_mode": "on"}, {"test_mode": None}),
    *each(
        TEST_MODE, {"test_mode": {"enabled": "true"}}, {"test_mode": {"enabled": 1}}, {"test_mode": {"enabled": None}}
    ),
    *each(TEST_MODE, {"test_mode": {"role": 420}}, {"test_mode": {"role": ["420"]}}),
    # numbers are rounded by JavaScript, and lose their zeros
    *each(
        ADMIN_CHANNEL, *({"admin_channel": value} for value in (123456789012345678, {}, ["88"], None, True, *NO_IDS))
    ),
    *each(CHANNELS, *({"excluded_channels": ["87", value]} for value in ({}, True, *NO_IDS))),
    *each(TEST_MODE, *({"test_mode": {"enabled": True, "role": value}} for value in ({}, None, *NO_IDS))),
    *each(ADMIN_ROLES, *({"admin_roles": {"5": 1, key: 1}} for key in NO_IDS)),
    *each(ROLE_BONUSES, *({"role_bonuses": {"5": {}, key: {"flat": 1}}} for key in NO_IDS)),
    *each(TIERS, tier(100_001, 2), tier(2.5, 2), tier(3, 1.005), {"streak": {"tiers": [TIER] * 51}}),
    *each(MILESTONES, milestone(7, 0.001), milestone(7, 33.335)),  # the other bounds: test_claim_milestone
    *each(ROLE_BONUSES, bonus({"flat": 0.001}), bonus({"flat": 999.999}), bonus({"multiplier": 1.125})),
]

GOOD: list[Any] = [
    None,
    {},
    {"timezone": "UTC"},
    {"timezone": "Europe/Berlin"},
    {"timezone": "America/Argentina/Buenos_Aires"},
    {"streak": {}},
    {"streak": {"grace_hours": 1}},
    {"streak": {"grace_hours": 72}},
    {"streak": {"grace_hours": 24.0}},
    {"streak": {"tiers": [], "milestones": []}},
    tier(1, 1),
    tier(365, 5.0),
    tier(3.0, 1.25),
    milestone(1, 0),
    milestone(365.0, 5000.5),
    tier(100_000, 1.01),
    milestone(100_000, 1_000_000_000),
    milestone(7, 0.01),
    {"streak": {"tiers": [TIER] * 50, "milestones": [{"days": 7, "reward": 50}] * 50}},
    bonus({"flat": 0.01, "multiplier": 1.01}),
    bonus({"flat": 999.99, "multiplier": 4.99}),
    {"admin_channel": "9" * 20, "excluded_channels": ["0", "9" * 20], "test_mode": {"role": "0"}},
    {"admin_roles": {}},
    {"admin_roles": {"1": 1, "2": 2, "3": 3, "4": 4}},
    {"admin_roles": {"420": 4.0}},
    {"role_bonuses": {}},
    {"role_bonuses": {"420": {}}},
    {"role_bonuses": {"420": {"multiplier": 5, "flat": 1000}, "421": {"flat": 0}, "422": {"multiplier": 1.0}}},
    {"excluded_channels": []},
    {"excluded_channels": ["87", "89"]},
    {"admin_channel": "89"},
    {"test_mode": {}},
    {"test_mode": {"enabled": False, "role": "420"}},
    {"a program": {"of its": "own"}},
]


@pytest.mark.parametrize(("settings", "sentence"), BAD, ids=repr)
def test_a_mistake_is_refused_with_its_sentence(db: Database, settings: Any, sentence: str) -> None:
    db.connect_server(settings={"timezone": "Asia/Tokyo"})
    with pytest.raises(errors.CheckViolation) as caught:
        db.set_settings(settings)
    assert caught.value.diag.message_primary == sentence
    assert caught.value.diag.constraint_name == "server_settings_are_valid"
    assert db.value("select config_metadata from discord_server_configs") == {"timezone": "Asia/Tokyo"}


@pytest.mark.parametrize("settings", GOOD, ids=repr)
def test_what_is_accepted_is_understood_by_every_function(db: Database, settings: Any) -> None:
    db.connect_server()
    db.set_settings(settings)
    assert db.value("select config_metadata from discord_server_configs") == settings
    db.add_event("daily_checkin", 25)
    db.add_event("quest", 10)
    db.add_streak("1003", 9, last_checkin=NOON.replace(day=1))
    member = Caller("1002", role_ids=("1", "420", "422"), required_level=4)
    assert db.call("check_in", member.again(), now=NOON)["outcome"] == "checked_in"
    assert db.call("claim_drop", member.again(), drop_id=db.add_drop(), now=NOON)["outcome"] == "claimed"
    assert db.call("list_events", member.again())["outcome"] in ("events", "not_allowed")
    assert db.call("reset_streaks", now=NOON) == {"reset": 1}


@pytest.mark.parametrize(("level", "outcome"), [(4.0, "events"), (4, "events"), (3, "not_allowed")])
def test_a_level_counts_however_the_number_is_written(db: Database, level: float, outcome: str) -> None:
    db.connect_server(settings={"admin_roles": {"420": level}})
    caller = Caller(role_ids=("420",), required_level=4)
    assert db.call("list_events", caller)["outcome"] == outcome


def test_a_new_server_is_checked_too(db: Database) -> None:
    with pytest.raises(errors.CheckViolation):
        db.connect_server(settings={"timezone": "Mars/Olympus"})
    assert db.rows("select from discord_server_configs") == []


def test_old_settings_do_not_stand_in_the_way_of_other_columns(db: Database) -> None:
    db.connect_server()
    with db.without_triggers():  # as if a time zone had vanished from the system
        db.set_settings({"timezone": "Mars/Olympus"})
    db.run("update discord_server_configs set server_name = 'The Server'")
    assert db.value("select server_name from discord_server_configs") == "The Server"


@pytest.mark.parametrize("days", ["1e5000", "-1e5000", "1e-5000", "1" + "0" * 5000])
def test_a_number_beyond_every_range_is_refused(db: Database, days: str) -> None:
    db.connect_server()
    with pytest.raises(errors.CheckViolation, match=r"streak\.tiers must be"):
        db.run(
            "update discord_server_configs set config_metadata = %s::jsonb",
            f'{{"streak": {{"tiers": [{{"days": {days}, "multiplier": 2}}]}}}}',
        )


# What was accepted before migration 014, and each part of it that can be put right by itself.
FROM_BEFORE: dict[str, Any] = {
    "admin_channel": 89,
    "excluded_channels": ["general", "off-topic"],
    "admin_roles": {"admins": 4, "mods": 3},
    "role_bonuses": {"5": {"flat": 0.001}, "vip": {"flat": 5}},
    "test_mode": {"enabled": False, "role": "testers"},
    "streak": {"grace_hours": 24, "tiers": [{"days": 2.5, "multiplier": 1.125}]},
}
NEXT: list[Any] = [
    FROM_BEFORE | {"admin_channel": "89"},
    FROM_BEFORE | {"excluded_channels": ["off-topic"]},
    FROM_BEFORE | {"excluded_channels": ["off-topic", "88"]},
    FROM_BEFORE | {"admin_roles": {"mods": 3, "6": 1}},
    FROM_BEFORE | {"role_bonuses": {"5": {"flat": 0.001, "multiplier": 2}}},
    FROM_BEFORE | {"test_mode": {"enabled": True, "role": "testers"}},
    FROM_BEFORE | {"streak": FROM_BEFORE["streak"] | {"grace_hours": 8}},
    FROM_BEFORE | {"timezone": "Asia/Tokyo"},
]
NOT_NEXT: list[tuple[Any, str]] = [
    (FROM_BEFORE | {"admin_channel": 90}, ADMIN_CHANNEL),
    (FROM_BEFORE | {"excluded_channels": ["general", "random"]}, CHANNELS),
    (FROM_BEFORE | {"admin_roles": {"admins": 3}}, ADMIN_ROLES),
    (FROM_BEFORE | {"role_bonuses": {"5": {"flat": 0.002}}}, ROLE_BONUSES),
    (FROM_BEFORE | {"role_bonuses": {"vip": {"flat": 6}}}, ROLE_BONUSES),
    (FROM_BEFORE | {"test_mode": {"role": "tester"}}, TEST_MODE),
    (FROM_BEFORE | {"streak": {"tiers": [{"days": 2.5, "multiplier": 1.125}, {"days": 3.5, "multiplier": 2}]}}, TIERS),
]


@pytest.fixture
def from_before(db: Database) -> Database:
    """A server with settings from before."""
    db.connect_server()
    with db.without_triggers():
        db.set_settings(FROM_BEFORE)
    return db


@pytest.mark.parametrize("settings", NEXT, ids=repr)
def test_settings_from_before_can_be_put_right_one_by_one(from_before: Database, settings: Any) -> None:
    from_before.set_settings(settings)
    assert from_before.value("select config_metadata from discord_server_configs") == settings


@pytest.mark.parametrize(("settings", "sentence"), NOT_NEXT, ids=repr)
def test_what_is_new_in_settings_from_before_is_checked(from_before: Database, settings: Any, sentence: str) -> None:
    with pytest.raises(errors.CheckViolation) as caught:
        from_before.set_settings(settings)
    assert caught.value.diag.message_primary == sentence


def test_a_list_that_was_too_long_may_stay_and_not_grow(db: Database) -> None:
    db.connect_server()
    tiers = [{"days": days, "multiplier": 2} for days in range(1, 61)]
    with db.without_triggers():
        db.set_settings({"streak": {"tiers": tiers}})
    db.set_settings({"streak": {"tiers": tiers, "grace_hours": 8}})
    with pytest.raises(errors.CheckViolation, match=r"streak\.tiers must be"):
        db.set_settings({"streak": {"tiers": [*tiers, {"days": 61, "multiplier": 2}]}})
    db.set_settings({"streak": {"tiers": tiers[:50]}})
