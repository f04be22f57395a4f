"""Who the portal's people are: by the claims of their token alone, and nobody acts in another's name."""

import json

import httpx
import pytest
from psycopg import errors

from tests.infra.conftest import Rest
from tests.infra.supabase.portal import OURS, SEEN, SUBJECT, THEIRS, person
from tests.infra.supabase.portal_requests import FORBIDDEN, rule, seen, seen_in_sql
from tests.sql import Database, Row

# --- Who somebody is


OTHERWISE: dict[str, Row] = {
    "no metadata": {},
    "metadata is null": {"app_metadata": None},
    "metadata is text": {"app_metadata": "brand_ids"},
    "metadata is a list": {"app_metadata": ["brand_ids", OURS]},
    "brand_ids is text": {"app_metadata": {"brand_ids": OURS}},
    "brand_ids is an object": {"app_metadata": {"brand_ids": {OURS: OURS}}},
    "brand_ids is null": {"app_metadata": {"brand_ids": None, "brand_id": OURS}},
    "brand_ids is empty": {"app_metadata": {"brand_ids": [], "brand_id": OURS}},
    "a number among them": {"app_metadata": {"brand_ids": [OURS, 1]}},
    "null among them": {"app_metadata": {"brand_ids": [None, OURS]}},
    "a list among them": {"app_metadata": {"brand_ids": [[OURS]]}},
    "too many": {"app_metadata": {"brand_ids": [OURS, *map(str, range(1000))]}},
    "brand_id is a list": {"app_metadata": {"brand_id": [OURS]}},
    "brand_id is a number": {"app_metadata": {"brand_id": 77}},
    "what the user writes": {"user_metadata": {"brand_ids": [OURS], "brand_id": OURS}},
    "at the top": {"brand_ids": [OURS], "brand_id": OURS},
    "almost": {"app_metadata": {"brand_ids": ["Ours", "ours ", "%", "*", "", "{ours}", '"ours"', "ours,theirs"]}},
    "another case": {"App_Metadata": {"brand_ids": [OURS]}, "app_metadata": {"BRAND_IDS": [OURS]}},
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_claims_that_are_not_as_they_should_be_open_nothing(world: Database, rest: Rest, case: str) -> None:
    client = rest(role="authenticated", sub=SUBJECT, **OTHERWISE[case])
    assert [table for table in SEEN if seen(client, f"/{table}")] == []
    assert client.post("/monitoring_rules", json=rule()).status_code == FORBIDDEN


@pytest.mark.parametrize(
    "text",
    ["", " ", "no json", "{", "null", "7", "[]", '"app_metadata"', '{"app_metadata": {"brand_ids": ["ours"]}',
     '{"app_metadata": {"brand_ids": ["ours", "\\u0000"]}}', "[" * 100_000],
)  # fmt: skip
def test_settings_that_are_no_claims_open_nothing_and_raise_nothing(world: Database, text: str) -> None:
    with world.connection.transaction():
        world.run("set local role authenticated")
        world.run("select set_config('request.jwt.claims', %s, true)", text)
        assert [table for table in SEEN if world.value(f"select count(*) from {table}")] == []


def test_one_brand_may_stand_alone(world: Database, rest: Rest) -> None:
    client = rest(role="authenticated", app_metadata={"brand_id": OURS, "provider": "email"})
    for table in SEEN:
        assert seen(client, f"/{table}") == seen_in_sql(world, table)


def test_a_token_that_has_ended_opens_nothing(world: Database, rest: Rest) -> None:
    assert rest(**person(OURS), exp=1_000_000_000).get("/monitoring_rules").status_code == httpx.codes.UNAUTHORIZED


# --- Nobody acts in another's name


def test_no_setting_names_another_actor(world: Database) -> None:
    """Nobody can set one over PostgREST; if somebody finds a way, it is not believed."""
    forged = {"resonance.actor": "9001", "resonance.interaction": "5900", "resonance.now": "2001-01-01"}
    with world.connection.transaction():
        world.run("set local role authenticated")
        world.run("select set_config('request.jwt.claims', %s, true)", json.dumps(person(OURS)))
        for name, value in forged.items():
            world.run("select set_config(%s, %s, true)", name, value)
        world.run("update monitoring_rules set reward_amount = 11")
    rows = world.rows("select * from discord_audit_log where action = 'event.updated'")
    assert {(row["actor_type"], row["actor_id"], row["interaction_id"]) for row in rows} == {("system", SUBJECT, None)}
    assert min(row["created_at"] for row in rows).year > 2001


def test_no_request_sets_a_setting(world: Database, ours: httpx.Client) -> None:
    for path in ("/rpc/set_config", "/rpc/portal_brands", "/rpc/portal_servers", "/rpc/audit_change"):
        body = {"setting_name": "resonance.actor", "new_value": "9001", "is_local": True}
        assert ours.post(path, json=body).status_code == httpx.codes.NOT_FOUND
    headers = {"resonance.actor": "9001", "request.jwt.claims": json.dumps(person(THEIRS)), "role": "service_role"}
    assert {row["brand_id"] for row in ours.get("/monitoring_rules", headers=headers).json()} == {OURS}
    assert ours.patch("/monitoring_rules?server_id=is.null", json={"label": "x"}, headers=headers).is_success
    assert world.value("select actor_id from discord_audit_log order by id desc limit 1") == SUBJECT


def test_the_functions_of_the_policies_have_no_name_for_a_person(world: Database) -> None:
    for function in ("portal_brands", "portal_servers"):
        with world.connection.transaction(force_rollback=True):
            world.run("set local role authenticated")
            with pytest.raises(errors.InsufficientPrivilege, match="schema internal"):
                world.run(f"select internal.{function}()")
