"""/config show and test-mode: all settings on one page, and who earns while a server is tried out."""

from dataclasses import replace
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL
from shared import database
from tests.conftest import BRAND
from tests.infra.supabase.test_settings import GOOD
from tests.shared.features.rows import ODD_VALUES, assert_said, config
from tests.shared.features.settings.stored import shown, written
from tests.sql import Database

TESTERS = "900000000000000005"
TESTER = replace(CAROL, roles=(TESTERS,))
# Every command that changes settings, with options that another program's settings stand in the way of.
CHANGES: dict[str, dict[str, Any]] = {
    "streaks": {"grace": 8},
    "channels exclude": {"channel": "420000000000000009"},
    "channels include": {"channel": "420000000000000009"},
    "channels admin": {"channel": "420000000000000009"},
    "role-bonus set": {"role": TESTERS, "flat": 5},
    "role-bonus remove": {"role": TESTERS},
    "admin-roles set": {"role": TESTERS, "level": "viewer"},
    "admin-roles remove": {"role": TESTERS},
    "test-mode": {"enabled": True},
}


def test_defaults_are_shown_as_such_with_the_commands_that_change_them(server: Client, rpc_calls: list[str]) -> None:
    assert shown(config(server, "show")) == (
        f"**Brand** (`/setup connect`)\n`{BRAND}`\n\n"
        "**Streaks** (`/config streaks`)\nTime zone: `UTC` (the default)\nGrace: 24 hours (the default)\n"
        "Multipliers: 3 days ×1.1, 7 days ×1.25, 14 days ×1.5, 30 days ×2 (the default)\n"
        "Bonuses: 7 days (50 RSNC), 30 days (200 RSNC), 100 days (1,000 RSNC), 365 days (5,000 RSNC) (the default)\n\n"
        "**Channels** (`/config channels`)\nAdmin channel: none\n\n"
        "**Role bonuses** (`/config role-bonus`)\nnone\n\n"
        "**Admin roles** (`/config admin-roles`)\nnone\n\n"
        "**Test mode** (`/config test-mode`)\noff"
    )
    assert rpc_calls == ["get_settings"]


def test_everything_that_is_set_is_shown(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set server_name = '*The* Guild'")
    written(
        db,
        {
            "timezone": "Asia/Tokyo",
            "streak": {"grace_hours": 1, "tiers": [], "milestones": []},
            "role_bonuses": {"5": {"multiplier": 1.5, "flat": 2.5}, "6": {}},
            "admin_roles": {"5": 4, "6": 1},
            "excluded_channels": ["88"],
            "admin_channel": "89",
            "test_mode": {"enabled": True, "role": "7"},
        },
    )
    page = shown(config(server, "show"))
    for part in (
        r"as **\*The\* Guild**",
        "Time zone: `Asia/Tokyo`\nGrace: 1 hour\nMultipliers: none\nBonuses: none\n",
        "Admin channel: <#89>\n<#88>: excluded, nobody earns there\n",
        "<@&5>: ×1.5, +2.5 RSNC\n<@&6>: nothing more",
        "<@&5>: full admin\n<@&6>: viewer",
        "on, only admins and <@&7> earn",
    ):
        assert part in page


@pytest.mark.parametrize("settings", GOOD, ids=repr)
def test_whatever_is_valid_is_shown_and_can_be_changed(server: Client, db: Database, settings: Any) -> None:
    written(db, settings)
    assert "**Test mode**" in shown(config(server, "show"))
    for command, options in CHANGES.items():
        assert_said(config(server, command, **options))


def test_channels_from_before_are_quoted(server: Client, db: Database) -> None:
    with db.without_triggers():
        written(db, {"excluded_channels": ["a `word`"]})
    assert "`a 'word'`: excluded, nobody earns there" in shown(config(server, "show"))


def test_more_than_there_is_room_for_is_cut(server: Client, db: Database) -> None:
    roles = [str(10**17 + number) for number in range(200)]
    written(
        db,
        {
            "streak": {
                "tiers": [{"days": days + 1000, "multiplier": (100 + days) / 100} for days in range(50)],
                "milestones": [{"days": days + 1000, "reward": 999_999_999} for days in range(50)],
            },
            "role_bonuses": {role: {"multiplier": 1.25, "flat": 999.99} for role in roles},
            "admin_roles": dict.fromkeys(roles, 3),
            "excluded_channels": roles,
        },
    )
    page = shown(config(server, "show"))
    assert page.endswith("**Test mode** (`/config test-mode`)\noff")
    assert "… and 1" in page
    for command, options in CHANGES.items():
        assert_said(config(server, command, **options))


def test_only_testers_and_admins_earn_in_test_mode(server: Client, rpc_calls: list[str]) -> None:
    reply = config(server, "test-mode", enabled=True, role=TESTERS)
    assert shown(reply) == f"Test mode: **on, only admins and <@&{TESTERS}> earn** (before: off)"
    assert rpc_calls == ["set_test_mode"]
    assert "Test mode is on" in server.slash("daily", user=BOB).text
    assert "Checked in" in server.slash("daily", user=TESTER).text
    assert shown(config(server, "test-mode", enabled=False)).endswith(
        "off** (before: on, only admins and <@&" + TESTERS + "> earn)"
    )
    assert "Checked in" in server.slash("daily", user=BOB).text
    assert server.redeliver(reply).body == reply.body
    assert "already" in server.slash("daily", user=BOB).text


def test_no_change_says_so(server: Client, db: Database) -> None:
    config(server, "test-mode", enabled=False)
    before = db.value("select count(*) from discord_audit_log")
    assert (
        shown(config(server, "test-mode", enabled=False))
        == "Nothing has changed: it was like this already.\nTest mode: off"
    )
    assert db.value("select count(*) from discord_audit_log") == before


def test_everybody_is_no_tester(server: Client) -> None:
    said = config(server, "test-mode", enabled=True, role=server.guild_id).text
    assert said.startswith("Nothing has changed: everybody has @everyone. To let everybody earn, switch test mode off")


@pytest.mark.parametrize("command", ["show", *CHANGES])
def test_a_server_that_is_not_connected_is_told_how(discord: Client, command: str) -> None:
    assert "/setup connect" in config(discord, command, **CHANGES.get(command, {})).text


@pytest.mark.parametrize("command", CHANGES)
def test_settings_that_are_out_of_order_stand_in_no_other_settings_way(
    server: Client, db: Database, command: str
) -> None:
    excluded = [] if command == "channels exclude" else ["420000000000000009"]
    roles = {"role_bonuses": {TESTERS: {"flat": 1}}, "admin_roles": {TESTERS: 2}}
    with db.without_triggers():  # as if the zone had vanished from the system
        written(db, {"timezone": "Mars/Olympus", "excluded_channels": excluded} | roles)
    reply = config(server, command, **CHANGES[command])
    assert_said(reply)
    assert "(before: " in shown(reply)


def test_what_the_database_refuses_is_a_sentence(server: Client, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rpc = database.rpc

    def wrong(name: str, **arguments: Any) -> Any:
        return rpc(name, **arguments | {"channel_id": "general"})

    monkeypatch.setattr(database, "rpc", wrong)
    said = config(server, "channels exclude", **CHANGES["channels exclude"]).text
    assert (
        "cannot be saved: excluded\\_channels must be a list of channel ids: texts of 1 to 20 digits. Please mend"
        in said
    )


@pytest.mark.parametrize("command", CHANGES)
@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
def test_odd_options_are_a_sentence(server: Client, db: Database, command: str, value: Any) -> None:
    names = {"streaks": ("timezone", "grace", "tiers", "milestones"), "test-mode": ("enabled", "role")}
    for option in names.get(command, CHANGES[command]):
        sent = {name: given for name, given in CHANGES[command].items() if name != option} | {option: value}
        options = [{"name": name, "type": 3, "value": given} for name, given in sent.items()]
        for part in reversed(command.split()):
            options = [{"name": part, "type": 1 if options[0]["type"] > 2 else 2, "options": options}]
        assert_said(server.interact(2, {"name": "config", "options": options}, ADMIN))
