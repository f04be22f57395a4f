"""What the tests share: a real Postgres behind a real PostgREST, a local Discord, and members who use the bundle.

Every pytest process has a stack of its own; every test starts with empty tables and an empty Discord.
"""

import importlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from nacl.signing import SigningKey
from psycopg.rows import dict_row

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN
from infra.local import template
from infra.local.delivery import lambda_sender
from infra.local.environment import Environments
from infra.local.gateway import Gateway
from infra.local.keys import Keys
from infra.local.runtime import Context
from infra.local.server import HttpServer
from infra.local.supabase import LocalSupabase
from shared import database, features, secret
from shared.discord import rate_limits, rest
from shared.interactions import interaction
from shared.interactions.registration import registration
from tests.proxy import Proxy, serving
from tests.sql import KEY, Database

settings.register_profile("any machine", deadline=None)  # a busy one is slow now and then, which is no failure
settings.load_profile("any machine")

features.declare_all()  # before a test imports one feature: the order of the commands is that of production

BRAND = "0x1111111111111111111111111111111111111111"
CHANNEL_ID = "420000000000000001"


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """The keys of this process's stack."""
    return Keys.load(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="session")
def supabase(keys: Keys) -> Iterator[LocalSupabase]:
    """A Supabase project with this checkout's migrations and functions."""
    # Outside pytest's folder, which the OS user of Postgres cannot read (root only).
    with tempfile.TemporaryDirectory(prefix="resonance-test-") as directory:
        project = LocalSupabase(Path(directory), keys)
        try:
            project.start()
            yield project
        finally:
            project.stop()


@pytest.fixture(scope="session")
def served_discord(keys: Keys) -> Iterator[tuple[FakeDiscord, str]]:
    """The local Discord and the base URL of its REST API."""
    # Real limits make tests wait; the tests of the limits themselves make their own Discord.
    discord = FakeDiscord(
        ":memory:",
        keys.bot_token,
        keys.application_id,
        public_key=keys.public_key,
        limits={},
        global_limit=10_000,
    )
    with serving_discord(discord) as url:
        yield discord, url


@contextmanager
def serving_discord(discord: FakeDiscord) -> Iterator[str]:
    """The base URL of a Discord's REST API, while it is served."""
    server = HttpServer(discord.app)
    server.start()
    try:
        yield f"{server.url}/api/v10"
    finally:
        server.stop()
        discord.close()


@pytest.fixture(scope="session")
def functions(keys: Keys, supabase: LocalSupabase, served_discord: tuple[FakeDiscord, str]) -> Iterator[Any]:
    """The package of the handlers, cold-started with an environment that points at the local parts."""
    os.environ |= {
        "SUPABASE_URL": supabase.postgrest.url,
        "SUPABASE_REST_URL": supabase.postgrest.url,
        "SUPABASE_SECRET_KEY": keys.service_key,
        "DISCORD_APPLICATION_ID": keys.application_id,
        "DISCORD_PUBLIC_KEY": keys.public_key,
        "DISCORD_BOT_TOKEN": keys.bot_token,
        "DISCORD_API_URL": served_discord[1],
        "EVENT_PUBLIC_KEYS": keys.events_public_key,
    }
    for name in ("interactions", "events", "expire_drops", "collect_reactions", "reset_streaks", "prune_events"):
        importlib.import_module(f"functions.{name}")
    yield importlib.import_module("functions")
    Surroundings.renew()


@pytest.fixture(scope="session")
def connection(supabase: LocalSupabase) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The owner's connection to Postgres."""
    with psycopg.connect(supabase.postgres.url(), autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def db(supabase: LocalSupabase, connection: psycopg.Connection[dict[str, Any]]) -> Database:
    """The database with empty tables."""
    database = Database(connection, supabase.postgres.url())
    database.empty()
    return database


@pytest.fixture(scope="session")
def events_url(keys: Keys, supabase: LocalSupabase) -> Iterator[str]:
    """Where the gateway takes batches of events."""
    variables = {
        "SUPABASE_URL": supabase.postgrest.url,
        "SUPABASE_REST_URL": supabase.postgrest.url,
        "SUPABASE_SECRET_KEY": keys.service_key,
        "EVENT_PUBLIC_KEYS": keys.events_public_key,
    }
    with Environments(1, variables) as environments:
        server = HttpServer(Gateway(environments).app)
        server.start()
        yield f"{server.url}/v1/events"
        server.stop()


@pytest.fixture
def local_discord(served_discord: tuple[FakeDiscord, str]) -> FakeDiscord:
    """The local Discord; its messages stay, but every test has a channel of its own."""
    discord = served_discord[0]
    discord.faults.clear()
    rate_limits.reset()  # a rate limit that another test met
    return discord


class Surroundings:
    """The environment of the functions, which a test may change; the clients are then made anew, as by a cold start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def set(self, **variables: str) -> None:
        """Change variables of the environment."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        self.renew()

    def hurry(self, seconds: float = 0.3) -> None:
        """Let answers take less time than Discord does, so that a timeout does not slow the tests down."""
        self._monkeypatch.setattr(interaction, "REPLY_SECONDS", seconds)
        self._monkeypatch.setattr(interaction, "LEAST_SECONDS", seconds / 5)

    @staticmethod
    def renew() -> None:
        """Close the clients, where there are any; the next call makes them from the environment as it is then."""
        if database.client.cache_info().currsize:
            database.client().session.close()
        database.client.cache_clear()
        if rest.client.cache_info().currsize:
            rest.client().close()
        rest.client.cache_clear()
        secret.read.cache_clear()


@pytest.fixture
def surroundings(functions: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Surroundings]:
    """A way to point the functions at other servers, for this test only."""
    yield Surroundings(monkeypatch)
    Surroundings.renew()


@pytest.fixture
def rest_proxy(supabase: LocalSupabase, surroundings: Surroundings, db: Database) -> Iterator[Proxy]:
    """A proxy between the functions and PostgREST."""
    with serving(supabase.postgrest.url) as proxy:
        surroundings.set(SUPABASE_REST_URL=proxy.url)
        yield proxy


@pytest.fixture
def discord_proxy(
    served_discord: tuple[FakeDiscord, str], local_discord: FakeDiscord, surroundings: Surroundings
) -> Iterator[Proxy]:
    """A proxy between the functions and Discord."""
    with serving(served_discord[1]) as proxy:
        surroundings.set(DISCORD_API_URL=proxy.url)
        yield proxy


@pytest.fixture
def rpc_calls(functions: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the SQL functions that are called during the test, the first first."""
    calls: list[str] = []
    rpc = database.rpc

    def counted(name: str, **arguments: Any) -> Any:
        calls.append(name)
        return rpc(name, **arguments)

    monkeypatch.setattr(database, "rpc", counted)
    return calls


_servers = itertools.count(510_000_000_000_000_001)


@pytest.fixture
def discord(functions: Any, keys: Keys, db: Database, local_discord: FakeDiscord) -> Client:
    """Members in a channel of a server that is not connected yet; there is the brand BRAND."""
    db.add_brand(BRAND)

    def context() -> Context:
        return Context("interactions", "test", template.functions()["interactions"].timeout)

    guild_id = str(next(_servers))
    return Client(
        send=lambda_sender(functions.interactions.handler, context),
        signing_key=SigningKey(bytes.fromhex(keys.signing_key)),
        application_id=keys.application_id,
        guild_id=guild_id,
        channel_id=str(int(guild_id) + 10**17),
        discord=local_discord,
        commands=local_discord.commands() or registration(),
    )


@pytest.fixture
def server(discord: Client) -> Client:
    """Members in a channel of a server that is connected to a brand."""
    reply = discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    assert "connected" in reply.text
    return discord
