"""What the previous release asks for is still answered: while one is rolled out, or back, both serve."""

import json

import pytest

from infra.deploy import database
from shared.interactions.registry import REGISTRY
from tests import snapshots
from tests.infra.conftest import Rest
from tests.snapshots.release import DEFAULT, Release, broken, current
from tests.sql import Database

PREVIOUS = Release(**json.loads(snapshots.read("release.json")))
UNKNOWN = {"PGRST202", "PGRST203", "42883"}  # no such function with these arguments, or several


def test_all_that_the_previous_release_asks_for_is_there(db: Database) -> None:
    assert broken(PREVIOUS, current(db.connection)) == []


@pytest.mark.parametrize("function", PREVIOUS.calls)
def test_postgrest_takes_the_calls_of_the_previous_release(db: Database, rest: Rest, function: str) -> None:
    arguments = PREVIOUS.calls[function]
    caller = dict.fromkeys(PREVIOUS.caller) | {"server_id": "77", "user_id": "1", "role_ids": []}
    values = {name: caller if name == "p_caller" else None for name in arguments}
    required = {name: value for name, value in values.items() if not arguments[name].endswith(DEFAULT)}
    for body in (values, required):
        answer = rest(role="service_role").post(f"/rpc/{function}", json=body)
        assert answer.is_success or answer.json()["code"] not in UNKNOWN, answer.text


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("p_drop_id uuid", "p_drop uuid", "claim_drop: p_drop_id is gone or of another type"),
        ("p_drop_id uuid", "p_drop_id text", "claim_drop: p_drop_id is gone or of another type"),
        ("p_drop_id uuid", "p_drop_id uuid, p_more text", "claim_drop: p_more must now be given"),
        ("p_message_id text default null", "p_message_id text", "claim_drop: p_message_id must now be given"),
        ("p_drop_id uuid,", "p_drop_id uuid, p_more text default null,", None),
        ("p_drop_id uuid,", "p_drop_id uuid default null,", None),
    ],
)
def test_a_call_that_would_break_is_seen(spare: Database, before: str, after: str, problem: str | None) -> None:
    (path,) = [path for path in database.FUNCTION_FILES if path.stem == "claim_drop"]
    head = path.read_text().partition("create function ")[2].partition(" returns jsonb")[0]
    assert before in head
    spare.run("drop function public.claim_drop")
    spare.run(f"create function {head.replace(before, after)} returns jsonb language sql as 'select null::jsonb'")
    found = broken(PREVIOUS, current(spare.connection))
    assert problem in found if problem else found == []


def test_a_function_that_is_gone_is_seen(spare: Database) -> None:
    spare.run("drop function public.get_level")
    assert broken(PREVIOUS, current(spare.connection)) == ["get_level is gone"]


def test_a_field_of_the_caller_that_is_gone_is_seen(db: Database) -> None:
    now = current(db.connection)
    without = Release(now.calls, {"user_id": "text"}, now.buttons, now.forms)
    assert "the field server_id of internal.caller" in broken(PREVIOUS, without)


@pytest.mark.parametrize("kind", ["buttons", "forms"])
def test_a_component_of_old_messages_that_is_gone_is_seen(db: Database, kind: str) -> None:
    now = current(db.connection)
    for changed in ({}, {name: [*parts, "more"] for name, parts in getattr(now, kind).items()}):
        other = Release(**vars(now) | {kind: changed})
        assert broken(now, other) == [f"custom_ids of {name}" for name in getattr(now, kind)]


def test_the_claim_button_is_among_what_is_kept() -> None:
    assert PREVIOUS.buttons["claim"] == list(REGISTRY.buttons["claim"].parameters)
