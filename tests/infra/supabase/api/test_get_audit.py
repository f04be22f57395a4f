"""get_audit: the newest rows of the log, a page at a time, by member and by type, and never another server's."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.sql import ADMIN, NOON, Caller, Database, Row

TYPES = {"settings": "server", "events": "event", "drops": "drop", "rewards": "reward", "members": "member"}


@pytest.fixture
def log(db: Database) -> Database:
    """A connected server with an empty log."""
    db.connect_server()
    forget(db)
    return db


def forget(db: Database) -> None:
    """Empty the log."""
    with db.without_triggers():
        db.run("delete from discord_audit_log")


def note(db: Database, action: str = "reward.given", **columns: Any) -> int:
    """A row of the log of the server 77, or as the columns say; gives its id."""
    row: Row = {"server_id": "77", "brand_id": "brand", "actor_type": "admin", "actor_id": "9001", "action": action}
    row |= {name: Jsonb(value) if name.endswith(("_state", "details")) else value for name, value in columns.items()}
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    query = f"insert into discord_audit_log ({names}) values ({places}) returning id"
    return int(db.value(query, *row.values()))


def page(db: Database, caller: Caller = ADMIN, /, **arguments: Any) -> Row:
    """A page as an admin asks for it."""
    return db.call("get_audit", caller, **arguments)


def ids(found: Row) -> list[int]:
    """The ids of a page."""
    return [entry["entry"] for entry in found["entries"]]


def test_an_entry_says_all_that_the_log_has(log: Database) -> None:
    number = note(
        log,
        "member.disabled",
        target_user_id="1002",
        details={"a": 1},
        before_state=None,
        after_state={"reason": "spam"},
        is_test=True,
        created_at=NOON,
    )
    assert page(log) == {
        "outcome": "audit",
        "member_id": None,
        "type": None,
        "has_newer": False,
        "has_older": False,
        "entries": [
            {
                "entry": number,
                "at": "2026-03-10T12:00:00+00:00",
                "actor_type": "admin",
                "actor_id": "9001",
                "action": "member.disabled",
                "member_id": "1002",
                "brand_wide": False,
                "is_test": True,
                "is_readable": True,
                "details": {"a": 1},
                "before": None,
                "after": {"reason": "spam"},
            }
        ],
    }


@pytest.mark.parametrize("rows", [0, 1, 8, 9, 16, 17, 30])
def test_pages_older_and_newer_show_every_row_once(log: Database, rows: int) -> None:
    noted = [note(log) for _ in range(rows)][::-1]
    found = page(log)
    assert (ids(found), found["has_newer"]) == (noted[:8], False)
    seen = ids(found)
    while found["has_older"]:
        found = page(log, before=ids(found)[-1])
        assert found["has_newer"]
        seen += ids(found)
    assert seen == noted
    while found["has_newer"]:
        above = noted.index(ids(found)[0])
        found = page(log, after=ids(found)[0])
        assert ids(found) == noted[max(above - 8, 0) :][:8]
        assert found["has_older"] == (rows > 8)
        assert found["has_newer"] == (above > 8)
    assert ids(found) == noted[:8]


def test_what_was_noted_since_moves_no_page(log: Database) -> None:
    noted = [note(log) for _ in range(20)][::-1]
    newer = [note(log) for _ in range(3)][::-1]
    assert ids(page(log, before=noted[7])) == noted[8:16]
    assert ids(page(log, after=noted[3])) == [*newer, *noted[:5]]  # less than a page is newer: the newest page


@pytest.mark.parametrize("cursor", [0, -1, 2**63 - 1])
def test_a_cursor_that_was_never_given_out(log: Database, cursor: int) -> None:
    noted = [note(log) for _ in range(10)][::-1]
    assert ids(page(log, before=cursor)) == (noted[:8] if cursor > 0 else [])
    assert ids(page(log, after=cursor)) == (noted[:8] if cursor > 0 else noted[2:])


@pytest.mark.parametrize(("kind", "noun"), TYPES.items())
def test_a_type_is_the_noun_of_the_action(log: Database, kind: str, noun: str) -> None:
    noted = [note(log, f"{each}.done") for each in (*TYPES.values(), "servers", "eventful", "")]
    assert ids(page(log, type=kind)) == [noted[list(TYPES.values()).index(noun)]]
    assert page(log, type=kind)["type"] == kind


def test_a_member_is_found_as_who_acted_and_as_who_it_was_about(log: Database) -> None:
    acted = note(log, actor_id="1002")
    both = note(log, actor_id="1002", target_user_id="1002")
    about = note(log, target_user_id="1002")
    note(log, target_user_id="1003")
    note(log, after_state={"discord_user_id": "1002"})
    assert ids(page(log, member_id="1002")) == [about, both, acted]
    assert ids(page(log, member_id="1002", before=both)) == [acted]
    assert ids(page(log, member_id="9001"))[-1] == about
    assert ids(page(log, member_id="' or true --")) == []


def test_other_servers_and_other_brands_never_show(log: Database) -> None:
    log.connect_server("78", "other")
    forget(log)
    own = note(log)
    note(log, server_id="78", brand_id="brand", actor_id="9001", target_user_id="1002")
    note(log, "event.updated", server_id="*", brand_id="other")
    for arguments in ({}, {"member_id": "9001"}, {"type": "rewards"}):
        assert ids(page(log, **arguments)) == [own]
    for arguments in ({"member_id": "1002"}, {"type": "events"}):
        assert ids(page(log, **arguments)) == []


def test_changes_of_a_brand_wide_event_show_to_the_brands_servers(log: Database) -> None:
    log.connect_server("78")
    forget(log)
    log.add_event("quest", 10, server_id=None)
    for caller in (ADMIN, replace(ADMIN, server_id="78")):
        for arguments in ({}, {"type": "events"}):
            (entry,) = page(log, caller, **arguments)["entries"]
            assert (entry["action"], entry["brand_wide"]) == ("event.created", True)
        for arguments in ({"type": "settings"}, {"member_id": "9001"}):
            assert ids(page(log, caller, **arguments)) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["77", "78", "*"]),
            st.sampled_from(["brand", "other"]),
            st.sampled_from(["9001", "1002"]),
            st.sampled_from(["1002", "1003", None]),
            st.sampled_from(["server.updated", "reward.given"]),
        ),
        max_size=40,
    ),
    st.sampled_from(["1002", None]),
    st.sampled_from(["settings", "rewards", None]),
)
def test_the_pages_are_what_a_slow_look_at_the_whole_log_finds(
    log: Database, rows: list[tuple[str, str, str, str | None, str]], member: str | None, kind: str | None
) -> None:
    forget(log)
    sought: list[int] = []
    for server, brand, actor, target, action in rows:
        action_noted = "event.updated" if server == "*" else action
        number = note(log, action_noted, server_id=server, brand_id=brand, actor_id=actor, target_user_id=target)
        is_here = server == "77" and (kind is None or action.startswith(TYPES[kind]))
        is_theirs = member is None or member in (actor, target)
        is_the_brands = (server, brand) == ("*", "brand") and (member, kind) == (None, None)
        if (is_here and is_theirs) or is_the_brands:
            sought.insert(0, number)
    found = page(log, member_id=member, type=kind)
    seen = ids(found)
    while found["has_older"]:
        found = page(log, member_id=member, type=kind, before=seen[-1])
        seen += ids(found)
    assert seen == sought


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], {}),
        ("text", 1),
        (None, True),
        ({"a": {"b": [1, {"c": None}]}}, [[[]]]),
        ({"amount": 10**290}, {"amount": -0.5}),
    ],
)
def test_a_state_of_any_shape_is_given_as_it_is(log: Database, before: Any, after: Any) -> None:
    note(log, "odd", before_state=before, after_state=after, details=before)
    (entry,) = page(log)["entries"]
    assert (entry["before"], entry["after"], entry["details"]) == (before, after, before)
    assert entry["is_readable"]


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    return [] if levels == 0 else [deep(levels - 1)]


@pytest.mark.parametrize("part", ["before_state", "after_state", "details"])
@pytest.mark.parametrize(
    "state",
    [
        pytest.param("'[1e5000]'", id="a number that nothing holds"),
        pytest.param("'{\"a\": [-1e301]}'", id="one below"),
        pytest.param(f"'{deep(900)}'", id="very deep"),
        pytest.param("(select jsonb_agg(md5(n::text)) from generate_series(1, 100000) as n)", id="very long"),
    ],
)
def test_a_state_that_nobody_can_read_is_left_out(log: Database, part: str, state: str) -> None:
    note(log)
    log.run(f"insert into discord_audit_log (server_id, action, {part}) values ('77', 'odd', {state}::jsonb)")
    odd, usual = page(log)["entries"]
    assert (odd["before"], odd["after"], odd["details"], odd["is_readable"]) == (None, None, None, False)
    assert (odd["actor_id"], odd["actor_type"]) == (None, None)
    assert usual["is_readable"]


def test_it_is_for_viewers(log: Database) -> None:
    log.set_settings({"admin_roles": {"5": 1}})
    viewer = Caller(role_ids=("5",), required_level=1)
    assert page(log, viewer)["outcome"] == "audit"
    for nobody in (replace(viewer, role_ids=()), replace(viewer, required_level=None), replace(viewer, server_id="78")):
        assert page(log, nobody)["outcome"] == "not_allowed"


def test_who_disconnected_a_server_can_be_read_there(log: Database) -> None:
    log.call("disconnect_server", ADMIN.again())
    (entry,) = page(log)["entries"]
    assert (entry["action"], entry["actor_id"]) == ("server.updated", "9001")


def test_a_server_that_was_never_connected(log: Database) -> None:
    assert page(log, replace(ADMIN, server_id="78")) == {"outcome": "server_not_connected"}


def test_a_look_changes_nothing(seeded: Database) -> None:
    before = seeded.contents()
    page(seeded)
    assert seeded.contents() == before
