"""What the benchmarks measure: a temporary Supabase project with the settings that Postgres ships, and one server."""

import hashlib
import itertools
import logging
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from nacl.signing import SigningKey

from infra.fake_discord.client import Client
from infra.fake_discord.members import Member
from infra.fake_discord.resources.messages import new_message
from infra.fake_discord.resources.snowflakes import snowflake
from infra.fake_discord.resources.users import user
from infra.local import runtime
from infra.local.delivery import lambda_sender
from infra.local.environment import ROOT
from infra.local.keys import Keys
from infra.local.supabase import LocalSupabase
from shared import database, log
from shared.features.drops import message as drops

Json = dict[str, Any]
Handler = Callable[[Json, Any], Json]

SERVER_ID, CHANNEL_ID = "900000000000000001", "900000000000000002"
BRAND_ID, EVENT, REWARD = "bench", "quest", 10  # the same as in baselines.sql
UNLIMITED = 1_000_000_000  # claims: more than a run makes, so that each is counted and none is refused
SET_UP_SECONDS = 10


class Testbed:
    """The project, a connected server, and what the benchmarks do there."""

    def __init__(self, keys: Keys, supabase: LocalSupabase) -> None:
        self.keys = keys
        self.supabase = supabase
        self.variables = {
            "SUPABASE_URL": self.supabase.postgrest.url,
            "SUPABASE_REST_URL": self.supabase.postgrest.url,
            "SUPABASE_SECRET_KEY": self.keys.service_key,
            "DISCORD_APPLICATION_ID": self.keys.application_id,
            "DISCORD_PUBLIC_KEY": self.keys.public_key,
            "DISCORD_BOT_TOKEN": self.keys.bot_token,
            "EVENT_PUBLIC_KEYS": self.keys.events_public_key,
            "DISCORD_API_URL": "http://127.0.0.1:9",  # nobody is there: what a click shows is not measured
        }
        self._new_member = map(str, itertools.count(310_000_000_000_000_000)).__next__

    def start(self) -> None:
        """Start the project, and connect the server."""
        self.supabase.start()
        os.environ |= self.variables
        _log_as_on_lambda()
        self.connect_server()

    def connect_server(self) -> None:
        """Connect the server by a key that is made for it, and give it an event without limits."""
        key_hash = hashlib.sha256(self.supabase.connect_key(BRAND_ID, BRAND_ID).encode()).hexdigest()
        self.rpc("connect_server", caller=self.caller(), brand_id=BRAND_ID, key_hash=key_hash)
        self.rpc("create_event", caller=self.caller(), event_type=EVENT, reward=REWARD)

    def rpc(self, function: str, **arguments: Any) -> Json:
        """Call an SQL function through PostgREST, as the Lambda functions do."""
        result: Json = database.rpc(function, timeout=SET_UP_SECONDS, **arguments)
        return result

    def caller(self) -> Json:
        """A new member who may do everything, with a new interaction, as SQL's internal.caller."""
        return {
            "interaction_id": snowflake(time.time()),
            "server_id": SERVER_ID,
            "channel_id": CHANNEL_ID,
            "user_id": self._new_member(),
            "role_ids": [],
            "manages_server": True,
            "required_level": 4,
        }

    def open_drop(self, max_claims: int = UNLIMITED) -> drops.Drop:
        """A drop with its message in the channel, as `/drop create` leaves it."""
        created = self.rpc(
            "create_drop", caller=self.caller(), event_type=EVENT, channel_id=CHANNEL_ID, max_claims=max_claims
        )
        drop: drops.Drop = created["drop"] | {"message_id": snowflake(time.time())}
        drops.mark_rendered(drop, timeout=SET_UP_SECONDS)
        return drop

    def click(self, handler: Handler, drop: drops.Drop) -> None:
        """Press the button of a drop as a new member; the handler gets the signed Function URL event."""
        self._press(drop, self._client(handler))

    def clicks(self, drop: drops.Drop, number: int, made_at: float) -> list[Json]:
        """The signed Function URL events of as many new members who press the button of a drop at that time."""
        events: list[Json] = []

        def keep(event: Json, _: object) -> Json:
            events.append(event)
            return {"statusCode": 503}

        client = replace(self._client(keep), clock=lambda: made_at)
        for _ in range(number):
            self._press(drop, client)
        return events

    def _client(self, handler: Handler) -> Client:
        return Client(
            send=lambda_sender(handler, lambda: runtime.Context("interactions", "bench", timeout=10)),
            signing_key=SigningKey(bytes.fromhex(self.keys.signing_key)),
            application_id=self.keys.application_id,
            guild_id=SERVER_ID,
            channel_id=CHANNEL_ID,
            commands=[],
        )

    def _press(self, drop: drops.Drop, client: Client) -> None:
        author = user(self.keys.application_id, "Resonance", bot=True)
        message = new_message(CHANNEL_ID, author, drops.render(drop), time.time()) | {"id": drop["message_id"]}
        client.click(message, drops.claim.custom_id(drop["drop_id"]), user=Member("Member", self._new_member()))

    def process(self, command: list[str]) -> subprocess.Popen[str]:
        """Start a process with the functions' environment only, as on Lambda, and pipes to talk to it."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", **self.variables}
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def row(self, query: str, **values: Any) -> tuple[Any, ...]:
        """The one row of a query that runs as the owner."""
        with self.connect() as connection:
            row = connection.execute(query.encode(), values).fetchone()
        assert row
        return row

    def run_file(self, path: Path) -> None:
        """Run a file of SQL as the owner, in one transaction."""
        with self.connect() as connection, connection.transaction():
            connection.execute(path.read_bytes())

    def claims_of(self, drop: drops.Drop) -> int:
        """How many members have claimed a drop. Asserts that claims, ledger and counter agree after a minute's run."""
        self.rpc("expire_drops", render=0)
        claims, paid, counted = self.row(
            """
            select (select count(*) from discord_drop_claims where drop_id = d.drop_id),
                (select count(*) from reward_ledger where reference = d.drop_id::text and source = 'drop'),
                claims_count
            from discord_drops as d where drop_id = %(drop)s
            """,
            drop=drop["drop_id"],
        )
        assert claims == paid == counted, f"{claims} claims, {paid} ledger rows, {counted} counted"
        return int(claims)

    def settle(self) -> None:
        """Vacuum and checkpoint now, so that Postgres does not do it during a measurement."""
        with self.connect() as connection:
            connection.execute("vacuum analyze")
            connection.execute("checkpoint")

    @contextmanager
    def without_waiting_for_disk(self) -> Iterator[None]:
        """Let commits not wait for the disk while this lasts."""
        with self.connect() as connection:
            connection.execute("alter system set synchronous_commit = off")
            connection.execute("select pg_reload_conf()")
            try:
                yield
            finally:
                connection.execute("alter system reset synchronous_commit")
                connection.execute("select pg_reload_conf()")

    def connect(self) -> psycopg.Connection:
        """A connection as the owner."""
        return psycopg.connect(self.supabase.postgres.socket_url(), autocommit=True)


@contextmanager
def temporary_testbed() -> Iterator[Testbed]:
    """A started testbed in a temporary directory, which is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="resonance-bench-") as directory:
        keys = Keys.load(Path(directory) / "keys.json")
        testbed = Testbed(keys, LocalSupabase(Path(directory), keys, durable=True))
        try:
            testbed.start()
            yield testbed
        finally:
            testbed.supabase.stop()


def _log_as_on_lambda() -> None:
    """Format every line that the handlers log, because that is part of their work, and write it nowhere."""
    output = logging.FileHandler(os.devnull)
    output.setFormatter(runtime.Formatter())
    log.logger.addHandler(output)
    log.logger.propagate = False
