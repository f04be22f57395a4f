"""What the project grants on whatever is created later: our migrations leave it as they find it."""

from typing import Any

import pytest

from infra.deploy import database
from infra.doctor import database as doctor
from infra.doctor.check import Status
from infra.doctor.surface import SNAPSHOT, surface
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import Database

# Projects since 30 May 2026, all since 30 October 2026: a new object is granted to nobody.
NOTHING = """
    alter default privileges in schema public revoke all on tables from postgres, anon, authenticated, service_role;
    alter default privileges in schema public revoke all on functions from postgres, anon, authenticated, service_role;
    alter default privileges in schema public revoke all on sequences from postgres, anon, authenticated, service_role;
"""


@pytest.fixture(params=["everything", "nothing"])
def project(make_database: MakeDatabase, request: pytest.FixtureRequest) -> Database:
    """A project that grants new objects to the API's roles, as older ones do, or to nobody."""
    made = make_database([])
    if request.param == "nothing":
        made.run(NOTHING)
    return made


def default_privileges(db: Database) -> set[tuple[Any, ...]]:
    """Who is granted what on new objects, and where."""
    rows = db.rows(
        "select defaclnamespace::text, defaclobjtype::text, grantee::regrole::text, privilege_type"
        " from pg_default_acl cross join aclexplode(defaclacl)"
    )
    return {tuple(row.values()) for row in rows}


def test_a_deploy_leaves_the_default_privileges_as_they_were(project: Database) -> None:
    before = default_privileges(project)
    for path in MIGRATIONS:
        project.run_file(path)
    database.reload_functions(project.url)
    assert default_privileges(project) == before
    assert project.value("select count(*) from pg_default_acl where defaclnamespace = 0") == 0


def test_the_surface_is_the_same_whatever_the_project_grants(project: Database) -> None:
    for path in MIGRATIONS:
        project.run_file(path)
    database.reload_functions(project.url)
    assert surface(project.connection) == SNAPSHOT.read_text()
    found = doctor.grants(project.url)
    assert found.status is Status.OK, found
