"""/help shows what this member may use, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, ALICE, Member
from infra.local.supabase import LocalSupabase
from shared import format as figures
from shared.features import help  # noqa: A004
from shared.features.help import menu_entry
from shared.interactions.registry import REGISTRY
from tests.conftest import Surroundings
from tests.proxy import nobody
from tests.sql import Database

ROLE = "900000000000000001"


def shown(client: Client, user: Member) -> set[str]:
    """The commands that /help names."""
    return {line.split("`")[1].removeprefix("/") for line in client.slash("help", user=user).text.splitlines()[1:]}


def required() -> dict[str, int]:
    """The level that each command and menu entry needs, by what /help calls it."""
    menus = {menu_entry(name): int(menu.requires) for name, menu in REGISTRY.menus.items()}
    return {path: int(command.requires) for path, command in REGISTRY.commands.items()} | menus


def up_to(level: int) -> set[str]:
    """What a level may use."""
    return {how for how, needed in required().items() if needed <= level}


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_role_sees_what_its_level_may(server: Client, db: Database, level: int) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {ROLE: level}}))
    assert shown(server, Member("Alice", ALICE.id, roles=(ROLE,))) == up_to(level)


def test_a_member_sees_members_commands(server: Client) -> None:
    assert shown(server, ALICE) == up_to(0)
    assert "daily" in shown(server, ALICE)


def test_an_admin_sees_everything_with_what_it_does(server: Client) -> None:
    assert shown(server, ADMIN) == up_to(4)
    text = server.slash("help", user=ADMIN).text
    assert all(command.description in text for command in REGISTRY.commands.values())


def test_what_everybody_uses_stands_first(server: Client) -> None:
    lines = server.slash("help", user=ADMIN).text.splitlines()[1:]
    levels = [required()[line.split("`")[1].removeprefix("/")] for line in lines]
    assert levels == sorted(levels)


@pytest.mark.parametrize("more", [60, 100])
def test_help_names_every_command_however_many_there_are(
    server: Client, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    one = REGISTRY.commands["config events delete"]
    many = {f"command {number} group verb": replace(one, name=f"group {number:03} verb") for number in range(more)}
    monkeypatch.setattr(REGISTRY, "commands", REGISTRY.commands | many)
    reply = server.slash("help", user=ADMIN)
    assert all(f"`/{command.name}`" in reply.text for command in REGISTRY.commands.values())


def test_help_helps_before_a_server_is_connected(discord: Client) -> None:
    assert "setup connect" in shown(discord, ADMIN)
    assert shown(discord, ALICE) == up_to(0)


def test_help_helps_without_a_database(server: Client, surroundings: Surroundings, supabase: LocalSupabase) -> None:
    surroundings.hurry()
    surroundings.set(SUPABASE_REST_URL=nobody())
    assert shown(server, ADMIN) == up_to(4)
    assert shown(server, ALICE) == up_to(0)


# --- Words


@given(st.lists(st.tuples(st.text("abc ", min_size=1, max_size=20), st.text(min_size=1, max_size=100)), max_size=120))
def test_help_fits_and_leaves_no_command_out(commands: list[tuple[str, str]]) -> None:
    page = help.help_page([(f"/{path}", description) for path, description in commands])
    assert len(page) <= figures.PAGE_LIMIT
    assert all(f"`/{path}`" in page for path, _ in commands)
