"""Every command against everybody: a level may use what it may, and nothing changes for the others."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import COMPONENT, Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, EVERYONE, MANAGE_GUILD, Member
from shared.features.setup.disconnect import CONFIRMATION
from shared.interactions.registry import REGISTRY, Level
from tests.sql import Database

ADMINISTRATOR = 1 << 3
ALL = (1 << 53) - 1
ROLES = {"900000000000000001": 1, "900000000000000002": 2, "900000000000000003": 3, "900000000000000004": 4}
BY_LEVEL = {level: role for role, level in ROLES.items()}
OTHER_ROLE = "900000000000000009"


def with_roles(*roles: str) -> Member:
    """Alice with some roles."""
    return replace(ALICE, roles=roles)


PEOPLE: dict[str, tuple[Member, int]] = {
    "nobody": (ALICE, 0),
    "another role": (with_roles(OTHER_ROLE), 0),
    "viewer": (with_roles(BY_LEVEL[1]), 1),
    "perk manager": (with_roles(BY_LEVEL[2]), 2),
    "event manager": (with_roles(BY_LEVEL[3]), 3),
    "full admin": (with_roles(BY_LEVEL[4]), 4),
    "the highest role counts": (with_roles(BY_LEVEL[1], BY_LEVEL[3], OTHER_ROLE), 3),
    "manages the server": (replace(ALICE, permissions=EVERYONE | MANAGE_GUILD), 4),
    "administrator": (replace(ALICE, permissions=ADMINISTRATOR), 4),
    "guild owner": (replace(ALICE, permissions=ALL), 4),  # to whom Discord gives every permission, without any role
    "all but that": (replace(ALICE, permissions=(1 << 50) - 1 & ~MANAGE_GUILD & ~ADMINISTRATOR), 0),
}

# The levels of PRODUCT, by the first word; members' commands need none.
REQUIRED = {"setup": 4, "config": 4, "drop": 3, "reward": 3, "stats": 1, "audit": 1, "export": 1}

OPTIONS: dict[str, dict[str, Any]] = {
    "setup connect": {"brand_id": "0x1"},
    "setup disconnect": {"confirm": CONFIRMATION},
    "config events create": {"name": "quest", "reward": 10},
    "config events edit": {"name": "news_tracker", "reward": 11},
    "config events delete": {"name": "news_tracker"},
    "config events toggle": {"name": "news_tracker"},
    "drop create": {"event": "news_tracker"},
    "drop edit": {"drop": "00000000-0000-4000-8000-000000000000"},
    "drop end": {"drop": "00000000-0000-4000-8000-000000000000"},
    "drop cancel": {"drop": "00000000-0000-4000-8000-000000000000"},
    "claim": {"event": "news_tracker"},
    "reward give": {"member": BOB, "event": "news_tracker"},
    "reward revoke": {"member": BOB, "entry": "1"},
    "export": {"type": "rewards"},
    "config member disable": {"member": CAROL, "reason": "spam"},
    "config member enable": {"member": CAROL},
    "config member status": {"member": BOB},
    "config channels exclude": {"channel": "420000000000000009"},
    "config channels include": {"channel": "420000000000000009"},
    "config role-bonus set": {"role": OTHER_ROLE, "flat": 5},
    "config role-bonus remove": {"role": OTHER_ROLE},
    "config admin-roles set": {"role": OTHER_ROLE, "level": "viewer"},
    "config admin-roles remove": {"role": OTHER_ROLE},
    "config test-mode": {"enabled": True},
}

# How the other handlers that need a level are used: what is sent into each form, and the custom_id of each button.
FORMS: dict[str, dict[str, Any]] = {"drop": {"event": "news_tracker"}}
BUTTONS = {"audit": f"audit:{ALICE.id}:::before:9"}

EVERYTHING = """
    select (select jsonb_agg(to_jsonb(s) order by server_id) from discord_server_configs as s) as servers,
        (select jsonb_agg(to_jsonb(r) order by event_type) from monitoring_rules as r) as rules,
        (select jsonb_agg(to_jsonb(d) order by drop_id) from discord_drops as d) as drops,
        (select count(*) from disabled_members) as disabled,
        (select count(*) from reward_ledger) as ledger,
        (select count(*) from discord_audit_log) as audit
"""


@pytest.fixture
def staffed(server: Client, db: Database) -> Client:
    """A connected server in which roles have levels."""
    settings = Jsonb({"admin_roles": ROLES})
    db.run("update discord_server_configs set config_metadata = %s where server_id = %s", settings, server.guild_id)
    return server


def test_the_declared_levels_are_those_of_the_product(functions: Any) -> None:
    declared = {path: int(command.requires) for path, command in REGISTRY.commands.items()}
    assert declared == {path: REQUIRED.get(path.split()[0], 0) for path in declared}
    assert {name: int(menu.requires) for name, menu in REGISTRY.menus.items()} == {"Make this a drop": REQUIRED["drop"]}
    assert {name: int(form.requires) for name, form in REGISTRY.forms.items()} == {"drop": REQUIRED["drop"]}


@pytest.mark.parametrize("who", PEOPLE)
def test_a_member_may_use_what_their_level_may(staffed: Client, db: Database, who: str) -> None:
    user, level = PEOPLE[who]
    for path, command in REGISTRY.commands.items():
        before = db.one(EVERYTHING)
        reply = staffed.slash(path, user=user, **OPTIONS.get(path, {}))
        is_refused = "This needs the level" in reply.text
        assert is_refused == (level < command.requires), path
        if is_refused:
            assert reply.ephemeral
            assert db.one(EVERYTHING) == before, path
        if path == "setup disconnect" and not is_refused:
            staffed.slash("setup connect", brand_id="0x1111111111111111111111111111111111111111", user=ADMIN)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_form_is_for_those_whose_level_allows_it(
    staffed: Client, db: Database, local_discord: FakeDiscord, who: str
) -> None:
    user, level = PEOPLE[who]
    said = local_discord.say(staffed.channel_id, "We are live!", BOB.id)
    opened = [staffed.menu(name, said, user=user) for name in REGISTRY.menus] + [
        staffed.slash("drop create", user=user)
    ]
    assert {form.data["custom_id"].split(":")[0] for form in opened} == set(REGISTRY.forms) == set(FORMS)
    for form in opened:
        name = form.data["custom_id"].split(":")[0]
        before = db.one(EVERYTHING)
        reply = form.submit(**FORMS[name])
        assert ("This needs the level" in reply.text) == (level < REGISTRY.forms[name].requires), name
        assert (db.one(EVERYTHING) == before) == (level < REGISTRY.forms[name].requires), name


@pytest.mark.parametrize("who", PEOPLE)
def test_a_button_is_for_those_whose_level_allows_it(staffed: Client, who: str) -> None:
    user, level = PEOPLE[who]
    for name in (name for name, button in REGISTRY.buttons.items() if button.requires):
        message = {"id": "1573450000000000002"}
        pressed = {"component_type": 2, "custom_id": BUTTONS[name], "id": 2}
        reply = staffed.interact(COMPONENT, pressed, user, message=message)
        assert ("This needs the level" in reply.text) == (level < REGISTRY.buttons[name].requires), name


@pytest.mark.parametrize("who", PEOPLE)
def test_suggestions_are_for_those_who_may_use_the_command(staffed: Client, who: str) -> None:
    user, level = PEOPLE[who]
    for path in ("drop create event", "reward give event", "config events edit name"):
        command = path.rpartition(" ")[0]
        option = path.rpartition(" ")[2]
        suggested = staffed.autocomplete(command, user=user, **{option: ""}).choices
        assert bool(suggested) == (level >= REGISTRY.commands[command].requires), path


def test_a_refusal_names_the_level_that_is_missing(staffed: Client) -> None:
    assert "**event manager**" in staffed.slash("drop create", event="news_tracker").text
    assert "**full admin**" in staffed.slash("setup status", user=with_roles(BY_LEVEL[3])).text


def test_a_role_loses_its_level_at_once(staffed: Client, db: Database) -> None:
    manager = with_roles(BY_LEVEL[4])
    assert "Connected" in staffed.slash("setup status", user=manager).text
    db.run("update discord_server_configs set config_metadata = '{}'")
    assert "needs the level" in staffed.slash("setup status", user=manager).text


def test_a_role_of_another_server_counts_for_nothing(staffed: Client) -> None:
    elsewhere = replace(staffed, guild_id="520000000000000001")
    assert "needs the level" in elsewhere.slash("setup connect", brand_id="0x1", user=with_roles(BY_LEVEL[4])).text


def test_admins_commands_are_hidden_from_members_pickers(server: Client) -> None:
    hidden = {command["name"] for command in server.commands if command.get("default_member_permissions") == "32"}
    members = {path.split()[0] for path, c in REGISTRY.commands.items() if c.requires == Level.MEMBER}
    assert hidden == {command["name"] for command in server.commands} - members
    assert set(REGISTRY.menus) <= hidden
