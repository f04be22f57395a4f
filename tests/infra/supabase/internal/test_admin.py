"""Who may call an admin's function: every one that can answer not_allowed, with every level."""

from dataclasses import replace
from typing import Any

import pytest

from tests.infra.conftest import API
from tests.sql import ADMIN, Caller, Database

FULL, EVENTS, PERKS, VIEWERS, OTHERS = "421", "422", "423", "424", "425"
ROLES = {FULL: 4, EVENTS: 3, PERKS: 2, VIEWERS: 1}
ADMIN_FUNCTIONS = [path.stem for path in API if "not_allowed" in path.read_text().partition("create function")[0]]
ANYTHING: dict[str, Any] = {
    "text": "5",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "numeric": 5,
    "integer": 5,
    "bigint": 5,
    "boolean": True,
    "jsonb": {},
    "text[]": ("anything",),
    "timestamp with time zone": "2026-03-10T12:00:00Z",
}
ONE_OF_A_FEW = {"p_type": "config"}


def arguments(db: Database, function: str) -> dict[str, Any]:
    """A value for every argument that has no default."""
    row = db.one(
        "select proargnames, pronargs - pronargdefaults as required,"
        " array(select format_type(t, null) from unnest(proargtypes) as t) as types"
        " from pg_proc where pronamespace = 'public'::regnamespace and proname = %s",
        function,
    )
    required = list(zip(row["proargnames"], row["types"], strict=False))[1 : row["required"]]
    return {name.removeprefix("p_"): ONE_OF_A_FEW.get(name, ANYTHING[kind]) for name, kind in required}


def is_refused(db: Database, function: str, caller: Caller) -> bool:
    """Does it refuse the caller? Then nothing has changed."""
    before = db.contents()
    result = db.call(function, caller.again(), **arguments(db, function))
    if result["outcome"] != "not_allowed":
        return False
    assert result == {"outcome": "not_allowed", "required_level": caller.required_level}
    assert db.contents() == before
    return True


def test_the_walk_meets_the_admin_functions() -> None:
    assert {"connect_server", "disconnect_server", "create_event", "create_drop"} <= set(ADMIN_FUNCTIONS)


@pytest.mark.parametrize("function", ADMIN_FUNCTIONS)
def test_a_role_gives_its_level_and_no_more(db: Database, function: str) -> None:
    db.connect_server(settings={"admin_roles": ROLES})
    for role, level in {"none": 0, **ROLES}.items():
        for required in (1, 2, 3, 4):
            caller = Caller(role_ids=(OTHERS, role), required_level=required)
            assert is_refused(db, function, caller) == (level < required), (role, required)


@pytest.mark.parametrize("function", ADMIN_FUNCTIONS)
def test_who_manages_the_server_may_do_everything(db: Database, function: str) -> None:
    db.connect_server()
    assert not is_refused(db, function, ADMIN)


@pytest.mark.parametrize("function", ADMIN_FUNCTIONS)
def test_a_command_that_declares_no_level_is_refused(db: Database, function: str) -> None:
    db.connect_server(settings={"admin_roles": ROLES})
    member = Caller(required_level=None)
    for caller in (member, replace(member, role_ids=(FULL,)), replace(member, manages_server=True)):
        assert is_refused(db, function, caller)


@pytest.mark.parametrize("function", ADMIN_FUNCTIONS)
def test_on_a_server_that_is_not_connected_members_are_refused_first(db: Database, function: str) -> None:
    db.connect_server("78", settings={"admin_roles": ROLES})
    assert is_refused(db, function, replace(ADMIN, manages_server=False, role_ids=(FULL,)))
    assert not is_refused(db, function, ADMIN)
