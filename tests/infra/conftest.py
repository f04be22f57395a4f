"""What the tests of the database share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from infra.deploy.database import INFRA, reload_functions
from infra.local.keys import YEAR_2100, Keys
from infra.local.supabase import ROLES, LocalSupabase
from tests.sql import Database

MIGRATIONS = sorted((INFRA / "supabase" / "migrations").glob("*.sql"))
API = sorted((INFRA / "supabase" / "api").glob("*.sql"))

MakeDatabase = Callable[[list[Path]], Database]
Rest = Callable[..., httpx.Client]


@pytest.fixture
def seeded(db: Database) -> Database:
    """A database with a connected server, 77, whose event quest pays 10."""
    db.add_brand()
    db.connect_server()
    db.add_event("quest", 10)
    return db


@pytest.fixture(scope="session")
def rest(supabase: LocalSupabase, keys: Keys) -> Iterator[Rest]:
    """Clients of the real PostgREST, by the claims of their JWT."""
    clients: list[httpx.Client] = []

    def client(**claims: Any) -> httpx.Client:
        token = jwt.encode({"exp": YEAR_2100} | claims, keys.jwt_secret, algorithm="HS256")
        headers = {"apikey": token, "Authorization": f"Bearer {token}"}
        clients.append(httpx.Client(base_url=supabase.postgrest.url, headers=headers, timeout=10))
        return clients[-1]

    yield client
    for each in clients:
        each.close()


@pytest.fixture
def make_database(supabase: LocalSupabase, connection: psycopg.Connection[dict[str, Any]]) -> Iterator[MakeDatabase]:
    """Further databases in the same cluster, with the migrations that the test names and no functions yet."""
    made: list[tuple[str, psycopg.Connection[dict[str, Any]]]] = []

    def make(migrations: list[Path]) -> Database:
        name = f"spare_{uuid4().hex}"
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        url = supabase.postgres.url(name)
        spare = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        made.append((name, spare))
        for file in [ROLES, *migrations]:
            spare.execute(file.read_bytes())
        return Database(spare, url)

    yield make
    for name, spare in made:
        spare.close()
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def spare(make_database: MakeDatabase) -> Database:
    """A database that a test may change, with the migrations and the functions."""
    made = make_database(MIGRATIONS)
    reload_functions(made.url)
    return made
