"""The database as the tests see it: SQL functions by name, rows as dictionaries, many connections at once."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from infra.playground.server import books
from infra.reconcile import differences

Row = dict[str, Any]

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)

# The connect key of every brand that a test adds, and what is kept of it.
KEY = "the-connect-key-of-the-brands-of-the-tests-"
KEY_HASH = hashlib.sha256(KEY.encode()).hexdigest()

_interactions = itertools.count(6_000_000)

TABLES = (
    "discord_server_configs",
    "discord_user_stats",
    "discord_user_streaks",
    "monitoring_rules",
    "discord_drop_claims",
    "discord_drops",
    "reward_ledger",
    "member_earnings",
    "event_claims",
    "event_totals",
    "event_total_shards",
    "discord_audit_log",
    "disabled_members",
    "handled_interactions",
    "brands",
    "brand_keys",
    "channel_watches",
    "reaction_channels",
    "reaction_looks",
    "drop_reactors",
    "reaction_refusals",
    "admin_notices",
    "notified_servers",
    "recorded_items",
    "message_reactions",
    "voice_remainders",
    "registered_commands",
    "drop_previews",
)
CONTENTS = tuple(name for name in TABLES if name != "handled_interactions")  # that one remembers every call
PLACES = ("drop_places", "uncounted_claims")  # how claims of a drop share the work


@dataclass(frozen=True)
class Caller:
    """Who acts, as SQL's internal.caller; `interaction_id` is set anew by `again`."""

    user_id: str = "1001"
    server_id: str = "77"
    channel_id: str = "88"
    role_ids: tuple[str, ...] = ()
    manages_server: bool = False
    required_level: int | None = None
    interaction_id: str | None = None
    parent_ids: tuple[str, ...] | None = None
    is_place_known: bool | None = None
    is_pending: bool | None = None
    timed_out_until: datetime | None = None

    def row(self) -> Jsonb:
        """The fields by name, as PostgREST gets them; a database that stops at an earlier migration ignores some."""
        return Jsonb(asdict(self), dumps=partial(json.dumps, default=str))

    def again(self) -> "Caller":
        """The same member with another interaction."""
        return replace(self, interaction_id=str(next(_interactions)))


ADMIN = Caller(user_id="9001", interaction_id="5900", manages_server=True, required_level=4)
BOB = Caller(user_id="1002", interaction_id="5001")
CAROL = Caller(user_id="1003", interaction_id="5002")


class Database:
    """The owner's view of the database, and service_role's way to call its functions."""

    def __init__(self, connection: psycopg.Connection[Row], url: str) -> None:
        self.connection = connection
        self.url = url

    def empty(self) -> None:
        """Empty all tables."""
        # Not TRUNCATE: it takes 20 times as long and makes every session plan its queries anew.
        deletes = sql.SQL("; ").join(sql.SQL("delete from {}").format(sql.Identifier(name)) for name in TABLES + PLACES)
        with self.without_triggers():
            self.connection.execute(deletes)

    @contextmanager
    def without_triggers(self) -> Iterator[None]:
        """Write what the triggers would refuse, in one transaction."""
        with self.connection.transaction():
            self.connection.execute("set local session_replication_role = replica")
            yield

    def rows(self, query: str, *values: Any) -> list[Row]:
        """The rows of a query."""
        return self.connection.execute(query, values).fetchall()

    def one(self, query: str, *values: Any) -> Row:
        """The one row of a query."""
        (row,) = self.rows(query, *values)
        return row

    def value(self, query: str, *values: Any) -> Any:
        """The one value of a query."""
        (value,) = self.one(query, *values).values()
        return value

    def run(self, query: str, *values: Any) -> int:
        """Change something; gives the number of rows."""
        return self.connection.execute(query, values).rowcount

    def run_file(self, path: Path) -> None:
        """Run a file of SQL as it is."""
        self.connection.execute(path.read_bytes())

    def call(self, function: str, caller: Caller | None = None, /, **arguments: Any) -> Row:
        """Call an api function as service_role, as PostgREST does."""
        return _call(self.connection, function, caller, arguments)

    def race(self, calls: list[Callable[["Database"], Any]], at_once: int = 20) -> list[Any]:
        """Make the calls from `at_once` connections at the same time; gives what each returned."""

        def run(call: Callable[["Database"], Any]) -> Any:
            with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
                return call(_Asking(connection, self.url))

        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(run, calls))

    @contextmanager
    def held(self, query: str, *values: Any) -> Iterator[None]:
        """Hold the rows of a query that locks them in another session; here, waiting for one is an error."""
        with psycopg.connect(self.url) as holder:
            holder.execute(query, values)
            self.run("set lock_timeout = '1s'")
            try:
                yield
            finally:
                self.run("reset lock_timeout")
                holder.rollback()

    def contents(self, *tables: str) -> dict[str, list[Row]]:
        """All rows of the tables (of all with contents, if none is named), in an order that does not change."""
        return {
            name: self.connection.execute(
                sql.SQL("select * from {} as t order by t::text").format(sql.Identifier(name))
            ).fetchall()
            for name in tables or CONTENTS
        }

    def drop(self, drop_id: str) -> Row:
        """The row of a drop."""
        return self.one("select * from discord_drops where drop_id = %s", drop_id)

    def leased_drops(self, now: datetime = NOON, **arguments: Any) -> list[Row]:
        """What a run of expire_drops leases."""
        drops: list[Row] = self.call("expire_drops", now=now, **arguments)["drops"]
        return drops

    def count_noted_claims(self) -> None:
        """Bring the counters of open drops up to date after a crowd, as the schedule does every minute."""
        with self.connection.transaction():
            self.run("lock table uncounted_claims in share row exclusive mode")  # a run of the schedule may have some
            self.run("select internal.count_noted_claims(now())")

    # Rows as other programs write them ------------------------------------------------------------------------

    def set_settings(self, settings: Row | None) -> None:
        """Replace the settings of every server."""
        self.run(
            "update discord_server_configs set config_metadata = %s", None if settings is None else Jsonb(settings)
        )

    def add_brand(self, brand_id: str = "brand", key: str = KEY, **columns: Any) -> None:
        """A brand with a connect key."""
        self._insert("brands", {"brand_id": brand_id} | columns)
        kept = {"kind": "connect", "key": hashlib.sha256(key.encode()).hexdigest(), "created_at": NOON}
        self._insert("brand_keys", {"brand_id": brand_id} | kept)

    def connect_server(self, server_id: str = "77", brand_id: str = "brand", settings: Row | None = None) -> None:
        """A server that is connected to a brand."""
        self.run(
            "insert into discord_server_configs (server_id, brand_id, config_metadata) values (%s, %s, %s)",
            server_id,
            brand_id,
            None if settings is None else Jsonb(settings),
        )

    def add_event(self, event_type: str = "quest", reward: float | None = 10, **columns: Any) -> None:
        """An event of the server 77, or as the columns say."""
        self._insert(
            "monitoring_rules",
            {"brand_id": "brand", "server_id": "77", "event_type": event_type, "reward_amount": reward} | columns,
        )

    def add_drop(self, **columns: Any) -> str:
        """An open drop of the event quest without limits, or as the columns say; gives its id."""
        row = self._insert(
            "discord_drops",
            {"server_id": "77", "event_id": "quest", "drop_type": "button", "channel_id": "88", "message_id": "99"}
            | {"created_at": NOON}
            | columns,
        )
        return str(row["drop_id"])

    def add_streak(self, user_id: str, streak: int, **columns: Any) -> None:
        """A member's streak on the server 77, last extended at noon of the day before, or as the columns say."""
        self._insert(
            "discord_user_streaks",
            {"server_id": "77", "discord_user_id": user_id, "current_streak": streak, "longest_streak": streak}
            | {"last_checkin": NOON - DAY}
            | columns,
        )

    def add_reward(
        self, amount: float, at: datetime = NOON, member: str = "1002", source: str = "claim", **columns: Any
    ) -> None:
        """A ledger row of a member of the server 77, as another program writes it, or as the columns say."""
        self._insert(
            "reward_ledger",
            {"server_id": "77", "brand_id": "brand", "discord_user_id": member, "event_type": "quest"}
            | {"amount": Decimal(str(amount)), "source": source, "actor_id": member, "balance_after": 0}
            | {"created_at": at}
            | columns,
        )

    def _insert(self, table: str, columns: Row) -> Row:
        query = sql.SQL("insert into {} ({}) values ({}) returning *").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * len(columns)),
        )
        row = self.connection.execute(query, list(columns.values())).fetchone()
        assert row is not None
        return row

    def books(self, server_id: str = "77") -> Row:
        """What the ledger and the tables that follow it say of a server."""
        return books.figures(self.connection, server_id)

    def differences(self, kind: str, server_id: str | None = "77") -> list[Row]:
        """What does not agree, of one kind."""
        (wanted,) = [each for each in differences.KINDS if each.name == kind]
        return differences.rows(self.connection, wanted, server_id)

    def wrong_earnings(self, server_id: str = "77") -> list[Row]:
        """What the leaderboards say a member has earned in a period where the ledger says otherwise."""
        return self.differences("earnings", server_id)

    def assert_books_agree(self, server_id: str = "77") -> None:
        """Claims = ledger = stats in total, and row by row as infra.reconcile compares them.

        A drop that is open may have claims that are noted and not counted: then as after the minute's run.
        """
        has_notes = self.value("select to_regclass('public.uncounted_claims') is not null")  # migration 017 adds it
        if has_notes and self.value("select exists (select from uncounted_claims)"):
            self.count_noted_claims()
        found = self.books(server_id)
        assert found["ledger"] == found["stats"], found
        assert found["drop_rows"] == found["claims"] == found["counters"], found
        for kind in differences.kinds(self.connection):  # fewer on a database that stops at 007
            assert self.differences(kind.name, server_id) == []


class _Asking(Database):
    """Asks again after a deadlock, as shared/database.py does: see internal/drop_place.sql."""

    def call(self, function: str, caller: Caller | None = None, /, **arguments: Any) -> Row:
        for _ in range(2):
            with suppress(psycopg.errors.DeadlockDetected):
                return super().call(function, caller, **arguments)
        return super().call(function, caller, **arguments)


def _call(connection: psycopg.Connection[Row], function: str, caller: Caller | None, arguments: Row) -> Row:
    named = {f"p_{name}": _parameter(value) for name, value in arguments.items()}
    parts = [sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in named]
    if caller is not None:
        parts.insert(
            0, sql.SQL("p_caller => jsonb_populate_record(null::internal.caller, {})").format(sql.Placeholder("caller"))
        )
        named["caller"] = caller.row()
    query = sql.SQL("select public.{}({}) as result").format(sql.Identifier(function), sql.SQL(", ").join(parts))
    with connection.transaction():
        connection.execute("set local role service_role")
        row_found = connection.execute(query, named).fetchone()
    assert row_found is not None
    result: Row = row_found["result"]
    return result


def _parameter(value: Any) -> Any:
    """As PostgREST hands it over: objects and lists are JSON, a tuple is an array, a fraction is a numeric."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, tuple):
        return list(value)
    return Jsonb(value) if isinstance(value, (dict, list)) else value
