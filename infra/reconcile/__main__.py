"""Prove that the books agree: ledger = claims = stats; and repair what follows the ledger, if asked to.

    python -m infra.reconcile postgresql://postgres:PASSWORD@HOST:5432/postgres
    python -m infra.reconcile URL --server ID --repair

It looks at one moment, while the functions go on. The exit code is 0 if all agrees (after the repair, if there was
one), 3 if something does not, 1 if it could not look.

--repair corrects the stats of members, the leaderboards' sums and the counters of drops from the ledger and the claims,
server by server, while payments go on, and writes what it did to the audit log. The ledger is the truth and is never
changed: a claim without its ledger row, or the other way round, is shown for a person to judge.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from infra.deploy.redaction import redact, secrets_in
from infra.reconcile import books
from infra.reconcile.books import Comparison, Difference

DIFFERENT = 3  # exit code
AUDITED = 100  # changes that the audit log keeps with their figures; the others are counted
SETTINGS: LiteralString = "set local statement_timeout = 0; set local work_mem = '128MB'"  # sums of whole tables
TRIES = 3  # of a repair that a deadlock ended: some program may lock members in an order of its own

Row = dict[str, Any]

# A payment holds the stats of its member from before it writes the ledger until it commits. So whoever holds them sees
# all of the member's ledger with the next statement, and no row is added until they are let go. Drops come after stats,
# as in internal.pay; of several, always in the same order.
LOCK_MEMBERS: tuple[LiteralString, ...] = (
    "create temp table wrong_members on commit drop as select distinct subject as member_id from ({wrong}) as w",
    "analyze wrong_members",
    """
    insert into public.discord_user_stats (server_id, discord_user_id)
    select %(server)s, member_id from wrong_members order by member_id
    on conflict do nothing
    """,
    """
    select from public.discord_user_stats where server_id = %(server)s
        and discord_user_id in (select member_id from wrong_members)
    order by discord_user_id for update
    """,
)
LEDGER_OF_WRONG: LiteralString = (
    "public.reward_ledger where server_id = %(server)s and discord_user_id in (select member_id from wrong_members)"
)

REPAIR_STATS: LiteralString = """
    with due as (
        select s.discord_user_id, s.rsnc_total as found, coalesce(sum(l.amount), 0) as expected
        from public.discord_user_stats as s
        join wrong_members on member_id = discord_user_id
        left join public.reward_ledger as l using (server_id, discord_user_id)
        where server_id = %(server)s
        group by 1, 2
    )
    update public.discord_user_stats as s
    set rsnc_total = due.expected, rsnc_earned = floor(due.expected)
    from due
    where s.server_id = %(server)s and s.discord_user_id = due.discord_user_id
        and (s.rsnc_total, s.rsnc_earned) is distinct from (due.expected, floor(due.expected))
    returning s.discord_user_id as member_id, due.found, due.expected
"""

EXPECT_EARNINGS = f"create temp table due_earnings on commit drop as {books.EARNED.format(rows=LEDGER_OF_WRONG)}"
REPAIR_EARNINGS: LiteralString = """
    with gone as (
        delete from public.member_earnings as e using wrong_members
        where e.server_id = %(server)s and e.discord_user_id = member_id
            and not exists (select from due_earnings as d where d.period = e.period and d.discord_user_id = member_id)
        returning e.discord_user_id, e.period, e.rsnc as found, null::numeric as expected
    ), before as (
        select discord_user_id, period, d.rsnc as expected, e.rsnc as found
        from due_earnings as d left join public.member_earnings as e using (server_id, discord_user_id, period)
        where (d.rsnc, d.claims, d.rsnc_since, d.claims_since)
            is distinct from (e.rsnc, e.claims, e.rsnc_since, e.claims_since)
    ), written as (
        insert into public.member_earnings as e
        select d.server_id, d.period, d.discord_user_id, d.rsnc, d.claims, d.rsnc_since, d.claims_since
        from due_earnings as d join before using (discord_user_id, period)
        on conflict (server_id, period, discord_user_id) do update
        set rsnc = excluded.rsnc, claims = excluded.claims, rsnc_since = excluded.rsnc_since,
            claims_since = excluded.claims_since
    )
    select discord_user_id as member_id, period, found, expected from gone
    union all
    select discord_user_id, period, found, expected from before
"""

LOCK_DROPS: tuple[LiteralString, ...] = (
    "create temp table wrong_drops on commit drop as select subject::uuid as drop_id from ({wrong}) as w",
    "select from public.discord_drops where drop_id in (select drop_id from wrong_drops) order by drop_id for update",
)
# A counter above the drop's own limit the database would refuse: that stays to be shown.
REPAIR_DROPS: LiteralString = """
    with due as (
        select drop_id, d.claims_count as found, count(c.claim_id)::integer as expected
        from public.discord_drops as d join wrong_drops using (drop_id)
        left join public.discord_drop_claims as c using (drop_id)
        group by 1, 2
    )
    update public.discord_drops as d
    set claims_count = due.expected, revision = revision + 1 -- its message is behind
    from due
    where d.drop_id = due.drop_id and d.claims_count <> due.expected
        and (max_claims is null or max_claims < 0 or due.expected <= max_claims)
    returning d.drop_id::text, due.found, due.expected
"""

AUDIT: LiteralString = """
    insert into public.discord_audit_log (server_id, brand_id, actor_type, actor_id, action, details)
    select %(server)s, (select brand_id from public.discord_server_configs where server_id = %(server)s),
        'system', session_user, 'stats.repaired', %(details)s
"""


@dataclass(frozen=True)
class Repaired:
    """What a repair of one server changed."""

    stats: list[Row]
    earnings: list[Row]
    drops: list[Row]

    def __bool__(self) -> bool:
        return bool(self.stats or self.earnings or self.drops)

    def counts(self) -> dict[str, int]:
        """How many rows of each kind."""
        return {name: len(rows) for name, rows in vars(self).items()}

    def details(self) -> Row:
        """For the audit log."""
        return {"rows": self.counts(), "changes": {name: rows[:AUDITED] for name, rows in vars(self).items()}}


def prove(url: str, server_id: str | None = None) -> list[Comparison]:
    """Compare everything as it is at one moment. Raises psycopg.Error."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(SETTINGS)
        return list(books.compare(connection, server_id))


def repair(url: str, server_id: str) -> Repaired:
    """Correct what follows the ledger on a server, in one transaction. Raises psycopg.Error; safe to run again."""
    for attempt in range(TRIES):
        try:
            with psycopg.connect(url, row_factory=dict_row) as connection:
                return _repair(connection, server_id)
        except psycopg.errors.DeadlockDetected:
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def _repair(connection: psycopg.Connection[Row], server_id: str) -> Repaired:
    server = {"server": server_id}
    has_earnings = any(kind.name == "earnings" for kind in books.kinds(connection))
    connection.execute(SETTINGS)
    _run(connection, LOCK_MEMBERS, " union all ".join([books.STATS, books.EARNINGS][: 1 + has_earnings]), server)
    stats = connection.execute(REPAIR_STATS, server).fetchall()
    earnings = []
    if has_earnings:
        connection.execute(EXPECT_EARNINGS.encode(), server)
        earnings = connection.execute(REPAIR_EARNINGS, server).fetchall()
    _run(connection, LOCK_DROPS, books.DROPS, server)
    repaired = Repaired(stats, earnings, connection.execute(REPAIR_DROPS).fetchall())
    if repaired:
        details = Jsonb(repaired.details(), dumps=_json)
        connection.execute(AUDIT, server | {"details": details})
    return repaired


def _run(connection: psycopg.Connection[Row], statements: tuple[LiteralString, ...], wrong: str, server: Row) -> None:
    for statement in statements:
        connection.execute(statement.format(wrong=wrong).encode(), server if "%(" in statement + wrong else None)


def _json(value: Any) -> str:
    return json.dumps(value, default=str)  # amounts are exact decimals


# --- What is told


def table(compared: list[Comparison]) -> str:
    """A line for each kind: how many rows were compared, how many differ."""
    heading = f"   {'':<10}{'rows':>14}{'differ':>12}"
    return "\n".join([heading, *map(_line, compared)])


def _line(compared: Comparison) -> str:
    kind = compared.kind
    mark = "✅" if not compared.total else "❌" if kind.is_proof else "⚠️ "
    return f"{mark} {kind.name:<10}{compared.rows:>14,}{compared.total:>12,}   {kind.means}"


def details(compared: list[Comparison]) -> Iterator[str]:
    """The differences themselves, as far as they are read out, server by server."""
    for one in compared:
        for server_id, count in one.differing.items():
            shown = [difference for difference in one.shown if difference.server_id == server_id]
            yield f"{one.kind.name} on server {server_id}:"
            yield from (f"  {_told(difference)}" for difference in shown)
            if count > len(shown):
                yield f"  and {count - len(shown):,} more"


def _told(difference: Difference) -> str:
    row = f"{difference.subject}, {difference.part}" if difference.part else difference.subject
    return f"{row}: found {difference.found}, expected {difference.expected}"


def agrees(compared: list[Comparison]) -> bool:
    """Are the books right?"""
    return not any(one.total for one in compared if one.kind.is_proof)


def reconcile(url: str, server_id: str | None, *, repairs: bool) -> int:
    """Look, repair if asked to, and tell; gives the exit code. Raises psycopg.Error."""
    compared = prove(url, server_id)
    _tell(compared)
    servers = sorted({server for one in compared if one.kind.is_repaired for server in one.differing})
    if repairs and servers:
        for server in servers:
            changed = ", ".join(f"{count:,} of {name}" for name, count in repair(url, server).counts().items() if count)
            print(f"Repaired on server {server}: {changed or 'nothing'}.", flush=True)
        compared = prove(url, server_id)
        _tell(compared)
    elif servers:
        print("To correct stats, earnings and drops from the ledger and the claims, add --repair.")
    return 0 if agrees(compared) else DIFFERENT


def _tell(compared: list[Comparison]) -> None:
    print(table(compared), *details(compared), sep="\n")
    print("The books agree." if agrees(compared) else "The books do not agree.", flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.reconcile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="connection string of the database, as the owner of the tables (postgres)")
    parser.add_argument("--server", metavar="ID", help="look at this server alone")
    parser.add_argument("--repair", action="store_true", help="correct what follows the ledger")
    arguments = parser.parse_args()
    try:
        return reconcile(arguments.url, arguments.server, repairs=arguments.repair)
    except psycopg.Error as error:
        print(f"The books were not compared. {redact(str(error), secrets_in(arguments.url))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
