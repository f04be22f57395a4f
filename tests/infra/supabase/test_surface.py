"""Who may do what: the whole surface of the database, as it says and as PostgREST behaves."""

import re
from typing import Any

import httpx
import psycopg
import pytest

from infra.doctor.surface import SNAPSHOT as SURFACE
from tests import snapshots
from tests.infra.conftest import API, Rest
from tests.infra.supabase.portal import SEEN, person
from tests.snapshots import access
from tests.sql import PLACES, TABLES, Database, Row

FUNCTIONS = [path.stem for path in API]
OUTSIDERS: dict[str, Row] = {
    "nobody": {},
    "anon": {"role": "anon"},
    "authenticated": {"role": "authenticated", "sub": "00000000-0000-4000-8000-000000000000"},
    "the brand's": person("brand"),
}
REFUSED = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND}
OURS = "pronamespace in ('public'::regnamespace, 'internal'::regnamespace)"


def test_the_surface_is_the_one_in_the_snapshot(connection: psycopg.Connection[dict[str, Any]]) -> None:
    assert snapshots.surface(connection) == SURFACE.read_text(), snapshots.RENEW


def test_the_table_of_the_document_is_the_surface(connection: psycopg.Connection[dict[str, Any]]) -> None:
    assert access.document(connection) == access.DOCUMENT.read_text(), snapshots.RENEW


def test_the_public_roles_may_do_nothing_but_read_for_the_portal_and_write_events(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    lines = [line for line in snapshots.surface(connection).splitlines() if not line.startswith("policies ")]
    assert len(lines) > len(TABLES) + len(FUNCTIONS)
    allowed = {line.partition(", service_role ")[0] for line in lines if "anon -, authenticated -," not in line}
    assert allowed == {
        "schema public: anon USAGE, authenticated USAGE",
        "function internal.portal_brands(): anon -, authenticated EXECUTE",
        "function internal.portal_servers(): anon -, authenticated EXECUTE",
        "table monitoring_rules: anon -, authenticated SELECT INSERT UPDATE DELETE",
        *(f"table {table}: anon -, authenticated SELECT" for table in SEEN if table != "monitoring_rules"),
    }


def test_the_public_key_sees_no_column(db: Database) -> None:
    rows = db.rows(
        "select role, c.oid::regclass from pg_class as c, unnest(array['anon', 'public']) as role"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm')"
        " and has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')"
    )
    assert rows == []


@pytest.fixture(params=OUTSIDERS)
def outsider(rest: Rest, request: pytest.FixtureRequest) -> httpx.Client:
    """Somebody with a public key, none, or a person's token."""
    client = rest(**OUTSIDERS[request.param])
    if request.param == "nobody":
        client.headers.pop("Authorization")
        client.headers.pop("apikey")
    return client


@pytest.mark.parametrize("outsider", ["nobody", "anon"], indirect=True)
@pytest.mark.parametrize("table", TABLES + PLACES)
def test_no_table_answers_an_outsider(seeded: Database, outsider: httpx.Client, table: str) -> None:
    seeded.add_drop()
    before = seeded.contents()
    column = seeded.rows(
        "select column_name from information_schema.columns where table_name = %s and is_identity = 'NO'", table
    )[0]["column_name"]
    responses = [
        outsider.get(f"/{table}"),
        outsider.post(f"/{table}", json={column: None}),
        outsider.patch(f"/{table}?{column}=not.is.null", json={column: None}),
        outsider.delete(f"/{table}?{column}=not.is.null"),
    ]
    assert {response.status_code for response in responses} <= REFUSED
    assert seeded.contents() == before


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_answers_an_outsider(seeded: Database, outsider: httpx.Client, function: str) -> None:
    names = seeded.value(f"select proargnames from pg_proc where proname = %s and {OURS}", function)
    caller = {"server_id": "77", "user_id": "1", "manages_server": True, "required_level": 4}
    body = {"p_caller": caller} | {name: None for name in names if name.startswith("p_") and name != "p_caller"}
    body = {name: value for name, value in body.items() if name in names}
    before = seeded.contents()
    responses = [
        outsider.post(f"/rpc/{function}", json=body),
        outsider.post(f"/rpc/{function}", json={}),
        outsider.get(f"/rpc/{function}"),
    ]
    assert {response.status_code for response in responses} <= REFUSED
    assert seeded.contents() == before


@pytest.mark.parametrize("claims", [{"role": "postgres"}, {"role": "authenticator"}, {"role": "nobody"}])
def test_a_key_for_another_role_opens_nothing(rest: Rest, claims: dict[str, str]) -> None:
    assert rest(**claims).get("/discord_drops").status_code in {*REFUSED, httpx.codes.BAD_REQUEST}


def test_a_forged_key_opens_nothing(rest: Rest) -> None:
    client = rest(role="service_role")
    head, body, signature = client.headers["Authorization"].split(".")
    client.headers["Authorization"] = f"{head}.{body}.{signature[::-1]}"
    assert client.get("/discord_drops").status_code == httpx.codes.UNAUTHORIZED


def test_the_internal_schema_is_not_served_even_to_the_service_key(rest: Rest) -> None:
    client = rest(role="service_role")
    for method, path in (("GET", "/caller"), ("POST", "/rpc/level")):
        response = client.request(
            method, path, headers={"Accept-Profile": "internal", "Content-Profile": "internal"}, json={}
        )
        assert response.status_code == httpx.codes.NOT_ACCEPTABLE
        assert response.json()["code"] == "PGRST106"


# The functions themselves ---------------------------------------------------------------------------------------


def test_no_function_is_overloaded(db: Database) -> None:
    assert db.rows(f"select proname from pg_proc where {OURS} group by pronamespace, proname having count(*) > 1") == []


def test_public_functions_are_the_files_and_pin_their_search_path(db: Database) -> None:
    rows = db.rows("select proname, proconfig, prosecdef from pg_proc where pronamespace = 'public'::regnamespace")
    assert sorted(row["proname"] for row in rows) == sorted(FUNCTIONS)
    assert {tuple(row["proconfig"] or ()) for row in rows} == {('search_path=""',)}


def test_the_last_argument_is_the_time(db: Database) -> None:
    rows = db.rows(
        "select proname, proargnames[pronargs] as name, format_type(proargtypes[pronargs - 1], null) as kind,"
        " pg_get_function_arg_default(oid, pronargs) as fallback"
        " from pg_proc where pronamespace = 'public'::regnamespace"
    )
    assert len(rows) == len(FUNCTIONS)
    assert {(row["name"], row["kind"], row["fallback"]) for row in rows} == {
        ("p_now", "timestamp with time zone", "now()")
    }


def test_every_answer_is_json(db: Database) -> None:
    kinds = db.rows(
        "select distinct prorettype::regtype::text as kind from pg_proc where pronamespace = 'public'::regnamespace"
    )
    assert kinds == [{"kind": "jsonb"}]


@pytest.mark.parametrize("path", API, ids=lambda path: path.stem)
def test_a_file_holds_the_function_of_its_name_and_says_what_it_answers(path: Any) -> None:
    header, _, body = path.read_text().partition("create function ")
    assert re.match(r"public\.(\w+)\(", body)[1] == path.stem  # type: ignore[index]
    assert body.count("create function") == 0
    assert header.startswith("-- ")
    assert all(line.startswith("--") for line in header.splitlines())
    answered = set(re.findall(r"'outcome', '(\w+)'", body))
    told = set(re.findall(r"\w+", header))
    assert answered <= told, f"the header of {path.name} does not name {answered - told}"
    assert re.search(r"^-- (Gives|Outcomes?:)", header, re.MULTILINE)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_its_tests(function: str) -> None:
    assert list(snapshots.DIRECTORY.parent.rglob(f"test_{function}.py"))
