"""Every command against everybody: a level may use what it may, and nothing changes for the others."""

import json
from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, EVERYONE, MANAGE_GUILD, Member
from shared.features.setup.disconnect import CONFIRMATION
from shared.interactions.registry import REGISTRY, Level
from tests.conftest import BRAND, Surroundings
from tests.proxy import nobody
from tests.sql import KEY, Database

Json = dict[str, Any]
MODAL = 9
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
REQUIRED = {"setup": 4, "config": 4, "drop": 3, "watch": 3, "reward": 3, "stats": 1, "audit": 1, "export": 1}

OPTIONS: dict[str, dict[str, Any]] = {
    "setup connect": {"brand_id": "0x1", "key": "any"},
    "setup disconnect": {"confirm": CONFIRMATION},
    "config events create": {"name": "quest", "reward": 10},
    "config events edit": {"name": "news_tracker", "reward": 11},
    "config events delete": {"name": "news_tracker"},
    "config events toggle": {"name": "news_tracker"},
    "drop create": {"event": "news_tracker"},
    "drop edit": {"drop": "00000000-0000-4000-8000-000000000000"},
    "drop end": {"drop": "00000000-0000-4000-8000-000000000000"},
    "drop cancel": {"drop": "00000000-0000-4000-8000-000000000000"},
    "watch start": {"channel": "420000000000000009"},
    "watch stop": {"watch": "00000000-0000-4000-8000-000000000000"},
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
FORMS: dict[str, dict[str, Any]] = {
    "drop": {"event": "news_tracker"},
    "reactions_to": {"event": "news_tracker"},
    "reaction_drop": {"event": "news_tracker"},
    "connect": {"brand_id": BRAND, "key": KEY, "name": "Another name"},
    "preview": {"title": "Another title"},
}
NO_PREVIEW = "00000000-0000-4000-8000-000000000000"
BUTTONS = {name: f"{name}:{NO_PREVIEW}" for name in ("preview_post", "preview_change", "preview_cancel")}
BUTTONS |= {"audit": f"audit:{ALICE.id}:::before:9", "events": "events", "delete_event": "delete_event:nothing"}
BUTTONS["new_drop"] = "new_drop"

EVERYTHING = """
    select (select jsonb_agg(to_jsonb(s) order by server_id) from discord_server_configs as s) as servers,
        (select jsonb_agg(to_jsonb(r) order by event_type) from monitoring_rules as r) as rules,
        (select jsonb_agg(to_jsonb(d) order by drop_id) from discord_drops as d) as drops,
        (select jsonb_agg(to_jsonb(w) order by watch_id) from channel_watches as w) as watches,
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
    assert {name: int(menu.requires) for name, menu in REGISTRY.menus.items()} == {
        "Make this a drop": REQUIRED["drop"],
        "Reward reactions": REQUIRED["drop"],
    }
    assert {name: int(form.requires) for name, form in REGISTRY.forms.items()} == {
        "drop": REQUIRED["drop"],
        "reactions_to": REQUIRED["drop"],
        "reaction_drop": REQUIRED["drop"],
        "connect": REQUIRED["setup"],
        "preview": REQUIRED["drop"],
    }


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
            staffed.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)


def opening(client: Client, said: Json, user: Member) -> list[Reply]:
    """What opens each form."""
    menus = [client.menu(name, said, user=user) for name in REGISTRY.menus]
    by_command = [client.slash("drop create", user=user, **options) for options in ({}, {"type": "reaction"})]
    return [*menus, *by_command, client.slash("setup connect", user=user)]


def changing_a_preview(client: Client, user: Member) -> Reply:
    """What opens the form of somebody's own preview."""
    seen = client.slash("drop create", event="news_tracker", preview=True, user=user)
    return seen.click("Change") if seen.components else seen


@pytest.mark.parametrize("who", PEOPLE)
def test_a_form_is_for_those_whose_level_allows_it(
    staffed: Client, db: Database, local_discord: FakeDiscord, who: str
) -> None:
    user, level = PEOPLE[who]
    said = local_discord.say(staffed.channel_id, "We are live!", BOB.id)
    opened = [*opening(staffed, said, ADMIN), changing_a_preview(staffed, ADMIN)]
    own_opened = [*opening(staffed, said, user), changing_a_preview(staffed, user)]
    assert {form.data["custom_id"].split(":")[0] for form in opened} == set(REGISTRY.forms) == set(FORMS)
    for form, own in zip(opened, own_opened, strict=True):
        name = form.data["custom_id"].split(":")[0]
        assert ("This needs the level" in own.text) == (level < REGISTRY.forms[name].requires), name
        assert (own.kind == MODAL) == (level >= REGISTRY.forms[name].requires), name
        before = db.one(EVERYTHING)
        reply = form.submit(**FORMS[name], user=user)
        assert ("This needs the level" in reply.text) == (level < REGISTRY.forms[name].requires), name
        if name != "preview":  # the admin's own, and it changes no more than itself
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


# --- Who may not do a thing is told that before what else is wrong with it

ADMINS = [path for path, command in REGISTRY.commands.items() if command.requires]
NO_TEXT = ("\x00", "half of a pair: \ud800")  # what Postgres cannot store
IN_VAIN: dict[str, Json] = {
    "setup disconnect": {"confirm": "no"},
    "drop create": {"channel": "420000000000000009"},  # without an event
}


def invocation(path: str, options: Json, focused: str = "") -> Json:
    """The data of a command with options that Discord's own client might not let pass."""
    name, *below = path.split()
    sent = [{"name": option, "type": 3, "value": value} for option, value in options.items()]
    sent = [option | {"focused": True} if option["name"] == focused else option for option in sent]
    for part in reversed(below):
        sent = [{"name": part, "type": 1, "options": sent}]
    return {"name": name, "options": sent}


def by_hand(client: Client, path: str, user: Member, options: Json) -> Reply:
    """Use a command with options that Discord's own client might not let pass."""
    return client.interact(COMMAND, invocation(path, options), user)


def mistakes(path: str) -> list[Json]:
    """Options of a command that are wrong, each in its own way."""
    command = REGISTRY.commands[path]
    names = [command.option_name(parameter) for parameter in command.parameters]
    odd = [{name: value} for name in names for value in ("\x00", "", "x" * 5_000)]
    return [{"no-such-option": "x"}, {"\x00": "x"}, *odd, *([IN_VAIN[path]] if path in IN_VAIN else [])]


@pytest.mark.parametrize("path", ADMINS)
def test_a_mistake_in_a_command_is_explained_to_those_who_may_use_it(
    staffed: Client, rpc_calls: list[str], path: str
) -> None:
    required = REGISTRY.commands[path].requires
    below, enough = (with_roles(BY_LEVEL[level]) if level else ALICE for level in (required - 1, required))
    for options in mistakes(path):
        rpc_calls.clear()
        refused = by_hand(staffed, path, below, options)
        assert f"This needs the level **{required.label}**" in refused.text, options
        assert refused.ephemeral
        explained = by_hand(staffed, path, enough, options)
        assert "This needs the level" not in explained.text, options
        assert len(rpc_calls) == 2, options  # one each, to learn the level or to be told it


@pytest.mark.parametrize("path", [path for path in ADMINS if not path.startswith("drop create")])
def test_an_option_that_is_not_there_is_told_to_an_admin_without_the_database(
    staffed: Client, rpc_calls: list[str], path: str
) -> None:
    assert "is not an option" in by_hand(staffed, path, ADMIN, {"no-such-option": "x"}).text
    assert rpc_calls == []


@pytest.mark.parametrize("components", [[], [{"type": 18, "component": {"type": 4, "custom_id": "x", "value": "x"}}]])
def test_a_mistake_in_a_form_is_explained_to_those_who_may_use_it(staffed: Client, components: list[Json]) -> None:
    for name, form in REGISTRY.forms.items():
        if name == "preview" and not components:  # none of its fields is required
            continue
        required = {"preview_id": NO_PREVIEW}
        carried = [required.get(each, "1") if form.parameters[each][1] is ... else None for each in form.carries]
        data = {"custom_id": form.custom_id(*carried), "components": components}
        refused = staffed.interact(MODAL_SUBMIT, data, with_roles(BY_LEVEL[form.requires - 1]))
        assert "This needs the level" in refused.text, name
        assert "Please check" in staffed.interact(MODAL_SUBMIT, data, with_roles(BY_LEVEL[form.requires])).text, name


def test_a_message_that_takes_no_answers_is_explained_to_those_who_may_use_the_menu(
    staffed: Client, local_discord: FakeDiscord
) -> None:
    joined = local_discord.say(staffed.channel_id, "Bob is here.", BOB.id) | {"type": 7}
    for name, menu in REGISTRY.menus.items():
        assert "This needs the level" in staffed.menu(name, joined, user=with_roles(BY_LEVEL[menu.requires - 1])).text
        assert (
            "Choose one that somebody wrote"
            in staffed.menu(name, joined, user=with_roles(BY_LEVEL[menu.requires])).text
        )


@pytest.mark.parametrize("level", [0, 4])
def test_a_command_without_a_mistake_asks_for_no_level(staffed: Client, rpc_calls: list[str], level: int) -> None:
    for path in ADMINS:
        rpc_calls.clear()
        staffed.slash(path, user=with_roles(BY_LEVEL[level]) if level else ALICE, **OPTIONS.get(path, {}))
        assert "get_level" not in rpc_calls, path
        assert len(rpc_calls) == 1 or level, path


@pytest.mark.parametrize(("user", "asked"), [(ADMIN, []), (with_roles(BY_LEVEL[4]), ["get_level"])])
def test_a_form_asks_the_database_once_at_most(
    staffed: Client, local_discord: FakeDiscord, rpc_calls: list[str], user: Member, asked: list[str]
) -> None:
    said = local_discord.say(staffed.channel_id, "We are live!", BOB.id)
    opened = opening(staffed, said, user)
    assert {form.kind for form in opened} == {MODAL}
    assert rpc_calls == ["list_events"] * (len(opened) - 1) + asked  # the last one has no event


def test_a_form_opens_while_the_database_is_away(
    staffed: Client, local_discord: FakeDiscord, surroundings: Surroundings
) -> None:
    said = local_discord.say(staffed.channel_id, "We are live!", BOB.id)
    surroundings.hurry()
    surroundings.set(SUPABASE_REST_URL=nobody())
    assert {form.kind for form in opening(staffed, said, ALICE)} == {MODAL}
    assert by_hand(staffed, "setup disconnect", ALICE, {"confirm": "no"}).text.startswith("Nothing has changed")


# --- Suggestions


COMPLETED = [
    (path, command.option_name(parameter))
    for path, command in REGISTRY.commands.items()
    for parameter in command.parameters
    if command.completer(parameter)
]


def test_the_walk_meets_what_is_completed() -> None:
    assert {("config streaks", "timezone"), ("drop edit", "drop"), ("reward revoke", "entry")} <= set(COMPLETED)


@pytest.mark.parametrize("typed", NO_TEXT)
@pytest.mark.parametrize("user", [ALICE, ADMIN], ids=["member", "admin"])
@pytest.mark.parametrize(("path", "name"), COMPLETED)
def test_what_cannot_be_stored_suggests_nothing_and_is_no_error(
    staffed: Client,
    functions: Any,
    rpc_calls: list[str],
    caplog: pytest.LogCaptureFixture,
    path: str,
    name: str,
    user: Member,
    typed: str,
) -> None:
    sent = {"id": "1", "type": AUTOCOMPLETE, "guild_id": staffed.guild_id, "channel_id": "1", "member": user.member()}
    for options in ({name: typed}, {name: "", "member": typed}, {name: "", typed: "1"}):
        body = json.dumps(sent | {"data": invocation(path, options, focused=name)}).encode()
        assert functions.interactions.answer(body)["data"]["choices"] == []
    assert rpc_calls == []
    assert [record.message for record in caplog.records if record.levelname != "INFO"] == []


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
    assert "needs the level" in elsewhere.slash("setup connect", user=with_roles(BY_LEVEL[4])).text


def test_admins_commands_are_hidden_from_members_pickers(server: Client) -> None:
    hidden = {command["name"] for command in server.commands if command.get("default_member_permissions") == "32"}
    members = {path.split()[0] for path, c in REGISTRY.commands.items() if c.requires == Level.MEMBER}
    assert hidden == {command["name"] for command in server.commands} - members
    assert set(REGISTRY.menus) <= hidden
