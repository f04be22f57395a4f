"""/config role-bonus and admin-roles: what a role earns more, and what its members may do."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from shared.features.settings.roles import admin_role_choice, bonus_choice
from tests.shared.features.rows import config
from tests.shared.features.settings.stored import shown, stored, written
from tests.sql import Database

BOOSTER = "900000000000000007"
DELETED = "900000000000000008"
BOB_WITH_IT = replace(BOB, roles=(BOOSTER,))


def test_a_bonus_is_set_paid_and_removed(server: Client, db: Database, rpc_calls: list[str]) -> None:
    written(db, {"role_bonuses": {"5": {"flat": 1}}})
    reply = config(server, "role-bonus set", role=BOOSTER, multiplier=1.5, flat=2.25)
    assert shown(reply) == f"<@&{BOOSTER}>: **×1.5, +2.25 RSNC** (before: none)\n<@&5>: +1 RSNC"
    assert rpc_calls == ["set_role_bonus"]
    assert "(25 RSNC, role ×1.5, role +2.25 RSNC)" in server.slash("daily", user=BOB_WITH_IT).text
    assert shown(config(server, "role-bonus set", role=BOOSTER, multiplier=1)).startswith(
        f"<@&{BOOSTER}>: **+2.25 RSNC** (before: ×1.5, +2.25 RSNC)"
    )
    removed = config(server, "role-bonus remove", role=BOOSTER)
    assert shown(removed) == f"<@&{BOOSTER}>: **none** (before: +2.25 RSNC)\n<@&5>: +1 RSNC"
    assert server.redeliver(reply).body == reply.body
    assert server.redeliver(removed).body == removed.body
    assert stored(db) == {"role_bonuses": {"5": {"flat": 1}}}


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("multiplier", 9, "`multiplier` must be 5 or less."),
        ("multiplier", 0.99, "`multiplier` must be 1 or more."),
        ("multiplier", 1.125, "`multiplier` may have no more than two decimals."),
        ("multiplier", "nan", "`multiplier` may have no more than two decimals."),
        ("flat", -1, "`flat` must be 0 or more."),
        ("flat", 1000.01, "`flat` must be 1,000 or less."),
        ("flat", 0.001, "`flat` may have no more than two decimals."),
    ],
)
def test_a_figure_out_of_bounds_changes_nothing(
    server: Client, db: Database, option: str, value: Any, said: str
) -> None:
    reply = config(server, "role-bonus set", role=BOOSTER, **{option: value})
    assert reply.text.startswith(f"Nothing has changed. Please check:\n{said}")
    assert stored(db) is None


@pytest.mark.parametrize("bounds", [{"multiplier": 1, "flat": 0}, {"multiplier": 5.0, "flat": 1000}, {"flat": 0.29}])
def test_the_bounds_are_allowed(server: Client, db: Database, bounds: dict[str, float]) -> None:
    assert "before: none" in shown(config(server, "role-bonus set", role=BOOSTER, **bounds))
    assert stored(db) == {"role_bonuses": {BOOSTER: bounds}}


def test_nothing_given_is_a_sentence(server: Client) -> None:
    said = config(server, "role-bonus set", role=BOOSTER).text
    assert said.startswith(f"Nothing has changed: choose what <@&{BOOSTER}> earns more")


@pytest.mark.parametrize(
    ("command", "options"), [("role-bonus set", {"flat": 5}), ("admin-roles set", {"level": "viewer"})]
)
def test_everybodys_role_is_refused(server: Client, db: Database, command: str, options: dict[str, Any]) -> None:
    said = config(server, command, role=server.guild_id, **options).text
    assert said.startswith("Nothing has changed: everybody has @everyone.")
    assert stored(db) is None


def test_roles_that_were_deleted_can_be_picked(server: Client, db: Database, rpc_calls: list[str]) -> None:
    with db.without_triggers():  # the last from before migration 014
        written(db, {"role_bonuses": {BOOSTER: {"flat": 5}, DELETED: {"multiplier": 2}, "x" * 200: {}}})
    found = server.autocomplete("config role-bonus remove", user=ADMIN, role="").choices
    assert found == [
        {"name": f"{BOOSTER}: +5 RSNC", "value": BOOSTER},
        {"name": f"{DELETED}: ×2", "value": DELETED},
    ]
    assert rpc_calls == ["get_settings"]
    for typed in (f"<@&{DELETED}>", "008", "×2"):
        assert server.autocomplete("config role-bonus remove", user=ADMIN, role=typed).choices == found[1:], typed
    config(server, "role-bonus remove", role=DELETED)
    config(server, "role-bonus remove", role=f"<@&{BOOSTER}>")
    assert list(stored(db)["role_bonuses"]) == ["x" * 200]
    assert server.autocomplete("config role-bonus remove", user=BOB, role="").choices == []


def test_roles_are_suggested_by_their_names(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    local_discord.add_role(server.guild_id, BOOSTER, "Booster")
    written(db, {"role_bonuses": {BOOSTER: {"flat": 5}, DELETED: {"multiplier": 2}}, "admin_roles": {BOOSTER: 3}})
    found = [{"name": "@Booster: +5 RSNC", "value": BOOSTER}, {"name": f"{DELETED}: ×2", "value": DELETED}]
    assert server.autocomplete("config role-bonus remove", user=ADMIN, role="").choices == found
    for typed in ("@boo", f"<@&{BOOSTER}>"):
        assert server.autocomplete("config role-bonus remove", user=ADMIN, role=typed).choices == found[:1], typed
    (level,) = server.autocomplete("config admin-roles remove", user=ADMIN, role="").choices
    assert level == {"name": "@Booster: event manager", "value": BOOSTER}


def test_admin_roles_that_were_deleted_can_be_picked(server: Client, db: Database) -> None:
    written(db, {"admin_roles": {DELETED: 3}})
    found = server.autocomplete("config admin-roles remove", user=ADMIN, role="event").choices
    assert found == [{"name": f"{DELETED}: event manager", "value": DELETED}]
    assert "**none** (before: event manager)" in shown(config(server, "admin-roles remove", role=DELETED))


@pytest.mark.parametrize(
    ("command", "has"), [("role-bonus remove", "has no bonus"), ("admin-roles remove", "has no level")]
)
def test_a_role_that_has_nothing(server: Client, command: str, has: str) -> None:
    told = f"Nothing has changed: <@&{DELETED}> {has}. See `/config show`."
    assert config(server, command, role=DELETED).text == told


@pytest.mark.parametrize("command", ["role-bonus remove", "admin-roles remove"])
@pytest.mark.parametrize(("typed", "told"), [("boosters", "boosters"), ("`*me*`", "'*me*'"), ("  ", " ")])
def test_a_text_that_names_no_role_for_certain(server: Client, command: str, typed: str, told: str) -> None:
    assert config(server, command, role=typed).text == (
        f"Nothing has changed: `{told}` does not say which role. "
        "Choose one from the list, or type @ and choose the role by its name."
    )


@pytest.mark.parametrize("command", ["role-bonus remove", "admin-roles remove"])
def test_a_role_that_cannot_be_is_told_by_what_was_typed(server: Client, command: str) -> None:
    assert config(server, command, role="x" * 101).text.endswith("\n`role` must have 100 characters or fewer.")


def test_a_level_is_given_and_taken(server: Client, db: Database, rpc_calls: list[str]) -> None:
    assert "needs the level" in server.slash("config show", user=BOB_WITH_IT).text
    rpc_calls.clear()
    reply = config(server, "admin-roles set", role=BOOSTER, level="full admin")
    assert shown(reply) == f"<@&{BOOSTER}>: **full admin** (before: none)"
    assert rpc_calls == ["set_admin_role"]
    assert "Role bonuses" in server.slash("config show", user=BOB_WITH_IT).text
    assert f"<@&{BOOSTER}>: **viewer** (before: full admin)" in shown(
        config(server, "admin-roles set", role=BOOSTER, level="viewer")
    )
    assert server.redeliver(reply).body == reply.body
    assert "needs the level" in server.slash("config show", user=BOB_WITH_IT).text


def test_whoever_takes_their_own_level_away_is_told(server: Client, db: Database) -> None:
    written(db, {"admin_roles": {BOOSTER: 4}})
    first = server.slash("config admin-roles set", user=BOB_WITH_IT, role=BOOSTER, level="event manager")
    assert "⚠️ That was your own level. You are event manager from now on. You cannot change settings now." in shown(
        first
    )
    assert server.redeliver(first).body == first.body
    written(db, {"admin_roles": {BOOSTER: 4}})
    last = server.slash("config admin-roles remove", user=BOB_WITH_IT, role=BOOSTER)
    assert "You have no level here any more. You cannot change settings now. Somebody with" in shown(last)
    assert "needs the level" in server.slash("config show", user=BOB_WITH_IT).text


def test_whoever_keeps_a_level_otherwise_is_not_warned(server: Client, db: Database) -> None:
    written(db, {"admin_roles": {BOOSTER: 4, DELETED: 4}})
    both = replace(BOB, roles=(BOOSTER, DELETED))
    assert "⚠️" not in server.slash("config admin-roles remove", user=both, role=BOOSTER).text
    assert "⚠️" not in config(server, "admin-roles remove", role=DELETED).text


# --- Words


@given(st.text(max_size=200))
def test_a_suggestion_fits(role: str) -> None:
    for names in ({}, {role: role}):
        assert len(bonus_choice({"role": role, "multiplier": 4.75, "flat": 999.99}, names)) <= 100
        assert len(admin_role_choice({"role": role, "level": 3}, names)) <= 100
