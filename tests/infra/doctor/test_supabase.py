"""The doctor's look at Supabase: every check seen well and seen failing."""

import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from infra.doctor import supabase as doctor
from infra.doctor.check import Finding, Status
from infra.local.keys import YEAR_2100, Keys
from tests.conftest import Surroundings
from tests.infra.conftest import MIGRATIONS, Rest
from tests.infra.doctor.conftest import assert_failed, finding
from tests.proxy import Proxy, broken, dropped, nobody
from tests.sql import Database


def look(name: str, database_url: str | None = None) -> Finding:
    """What one check finds."""
    return finding(doctor.checks(database_url), name)


def key_of(role: str, keys: Keys) -> str:
    return jwt.encode({"role": role, "exp": YEAR_2100}, keys.jwt_secret, algorithm="HS256")


def test_all_is_well_to_the_owner(functions: Any, db: Database, url: str, snapshot: Path) -> None:
    db.add_brand()
    found = {check.name: check.run() for check in doctor.checks(url)}
    assert {name: f for name, f in found.items() if f.status is not Status.OK} == {}


def test_without_the_owners_view_it_says_what_it_cannot_see(functions: Any, db: Database) -> None:
    db.add_brand()
    found = {check.name: check.run() for check in doctor.checks(None)}
    unseen = {"migrations", "functions", "grants", "realtime"}
    assert {name for name, f in found.items() if f.status is Status.WARNING} == unseen
    assert all("--database-url" in found[name].do for name in unseen)
    assert not [f for f in found.values() if f.status is Status.FAILED]


def test_without_a_brand_it_says_how_to_add_one(functions: Any, db: Database) -> None:
    found = look("brands")
    assert (found.status, "infra.deploy.brands add" in found.do) == (Status.WARNING, True)


def test_nothing_is_changed(functions: Any, db: Database, url: str) -> None:
    db.connect_server()
    db.add_drop()
    before = db.contents()
    for check in [*doctor.checks(None), *doctor.checks(url)]:
        check.run()
    assert db.contents() == before


def test_every_migration_with_a_table_has_its_sign() -> None:
    assert set(doctor.SIGNS) <= {path.stem.split("_")[0] for path in MIGRATIONS}


# --- The project


@pytest.mark.parametrize(
    ("status", "said"), [(540, "paused"), (402, "restricts"), (503, "answers 503"), (521, "answers 521")]
)
def test_a_project_that_is_not_up(rest_proxy: Proxy, status: int, said: str) -> None:
    rest_proxy.next(broken(status))
    assert_failed(look("project"), said, "dashboard")


def test_nobody_listens_or_the_connection_breaks(surroundings: Surroundings, rest_proxy: Proxy) -> None:
    rest_proxy.next(dropped)
    assert_failed(look("project"), "does not answer (RemoteProtocolError)", "status.supabase.com")
    surroundings.set(SUPABASE_REST_URL=nobody())
    assert_failed(look("project"), "does not answer (ConnectError)", "status.supabase.com")


def test_there_is_no_such_address(surroundings: Surroundings) -> None:
    surroundings.set(SUPABASE_REST_URL="https://resonance.invalid")
    assert_failed(look("project"), "no address https://resonance.invalid", "restore it")


@pytest.mark.parametrize(
    ("url", "is_failed"),
    [
        ("http://abcd.supabase.co/rest/v1", True),
        ("https://abcd.supabase.co/rest/v1", False),
        ("http://127.0.0.1:3000", False),
        ("http://localhost:3000", False),
    ],
)
def test_a_key_does_not_travel_in_the_clear(url: str, is_failed: bool) -> None:
    found = doctor._project(httpx.Response(200, request=httpx.Request("GET", url)))
    assert (found.status is Status.FAILED, "without encryption" in found.said) == (is_failed, is_failed)


def test_the_project_is_asked_without_a_key(rest_proxy: Proxy, keys: Keys) -> None:
    assert look("project").status is Status.OK
    assert keys.service_key not in str(rest_proxy.requests[0].headers)


def test_missing_settings(functions: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPABASE_URL")
    assert_failed(look("project"), "SUPABASE_URL (missing)", "Set these variables")


# --- The clock


@pytest.mark.parametrize(("skew", "said"), [(40, "40 seconds behind"), (-3600, "3600 seconds ahead of")])
def test_a_clock_that_is_wrong(skew: int, said: str) -> None:
    now = 1_800_000_000.0
    answer = httpx.Response(200, headers={"date": formatdate(now + skew, usegmt=True)})
    assert_failed(doctor._clock(answer, now), said, "NTP")


def test_a_clock_that_is_nearly_right_or_unknown(functions: Any) -> None:
    now = time.time()
    assert doctor._clock(httpx.Response(200, headers={"date": formatdate(now - 20)}), now).status is Status.OK
    assert doctor._clock(httpx.Response(200), now).status is Status.WARNING


# --- The key


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sb_secret_abc", "a secret key"),
        ("sb_publishable_abc", "a publishable key"),
        ("sbp_abc", "no key of Supabase"),
        ("a.b.c", "no key of Supabase"),
        ("", "no key of Supabase"),
        ("€.€.€", "no key of Supabase"),
    ],
)
def test_the_kind_of_a_key_is_seen_by_its_form(key: str, kind: str) -> None:
    assert doctor.kind_of(key) == kind


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("service_role", "the legacy service_role key"),
        ("anon", "the anon key"),
        ("authenticated", "the key of another role"),
        ("", "the key of another role"),
    ],
)
def test_the_role_of_a_legacy_key(keys: Keys, role: str, kind: str) -> None:
    assert doctor.kind_of(key_of(role, keys)) == kind


def test_a_key_that_may_do_nothing(surroundings: Surroundings, keys: Keys) -> None:
    surroundings.set(SUPABASE_SECRET_KEY=key_of("anon", keys))
    assert_failed(look("key"), "the anon key", "Project Settings > API Keys")
    surroundings.set(SUPABASE_SECRET_KEY="sb_publishable_x")
    assert_failed(look("key"), "publishable key", "Project Settings > API Keys")


def test_the_data_api_does_not_serve_our_schema(rest_proxy: Proxy, rest: Rest) -> None:
    not_exposed = rest(role="service_role").get("/server_settings", headers={"Accept-Profile": "internal"})
    assert (not_exposed.status_code, not_exposed.json()["code"]) == (406, "PGRST106")
    rest_proxy.next(lambda _request, _forward: (406, {"content-type": "application/json"}, not_exposed.content))
    assert_failed(look("key"), "does not serve the schema public", "Integrations > Data API")


def test_a_key_of_another_project(surroundings: Surroundings, keys: Keys) -> None:
    forged = jwt.encode({"role": "service_role"}, "another secret " * 4, algorithm="HS256")
    surroundings.set(SUPABASE_SECRET_KEY=forged)
    assert_failed(look("key"), "refuses the key (the legacy service_role key; 401)", "another project")


def test_a_secret_key_goes_where_it_belongs(rest_proxy: Proxy, surroundings: Surroundings) -> None:
    surroundings.set(SUPABASE_SECRET_KEY="sb_secret_marked")
    rest_proxy.next(broken(200, "[]"))
    assert look("key").status is Status.OK
    headers = {name.lower(): value for name, value in rest_proxy.requests[0].headers.items()}
    assert headers["apikey"] == "sb_secret_marked"
    assert "authorization" not in headers


def test_the_key_cannot_be_tried(surroundings: Surroundings) -> None:
    surroundings.set(SUPABASE_REST_URL=nobody())
    assert_failed(look("key"), "does not answer", "project")


# --- Migrations


def test_a_migration_that_the_key_misses(rest_proxy: Proxy) -> None:
    rest_proxy.next(*[None] * 5, broken(400, '{"code": "42703"}'), broken(404, '{"code": "42P01"}'))
    assert_failed(look("migrations"), "008, 009", "infra.deploy.database deploy")
    rest_proxy.next(broken(401))
    assert_failed(look("migrations"), "answers 401", "key")


# --- Functions


def test_functions_that_do_not_answer(rest_proxy: Proxy) -> None:
    rest_proxy.next(broken(404, '{"code": "PGRST202", "message": "x", "details": null, "hint": null}'))
    assert_failed(look("functions"), "PGRST202", "infra.deploy.database deploy")
    rest_proxy.next(broken(401, '{"code": "PGRST301", "message": "x", "details": null, "hint": null}'))
    assert_failed(look("functions"), "PGRST301", "checks of the project and the key")
