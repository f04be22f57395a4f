"""Correct on one server what follows the ledger: members' stats, the leaderboards' sums, the counters of drops."""

import json
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from infra.reconcile import differences

Row = dict[str, Any]

AUDITED = 100  # changes that the audit log keeps with their figures; the others are counted
TRIES = 3  # of a repair that a deadlock ended: another program may lock members in another order

# Lock the stats of the members that differ, in the order of their ids: a payment locks its member's stats before it
# writes the ledger, so the statement after the lock sees the whole ledger of these members, and nothing is added to it
# until the repair commits. Lock drops after stats, as claim_drop does.
LOCK_MEMBERS: tuple[LiteralString, ...] = (
    "create temp table wrong_members on commit drop as select distinct subject as member_id from ({wrong}) as w"
    " where subject ~ '^[0-9]{{1,20}}$'",  # what is no id is from before migration 014: nobody may write it again
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

EXPECT_EARNINGS = f"create temp table due_earnings on commit drop as {differences.EARNED.format(rows=LEDGER_OF_WRONG)}"
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
    "select from public.discord_drops where drop_id in (select drop_id from wrong_drops) order by drop_id"
    " for no key update",
)
# Leave a counter that would exceed the drop's limit, which the database refuses: the report shows it.
REPAIR_DROPS: LiteralString = """
    select drop_id::text, counted as found, expected
    from wrong_drops cross join lateral internal.repair_counter(drop_id)
    where expected is not null
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
    has_earnings = any(kind.name == "earnings" for kind in differences.kinds(connection))
    connection.execute(differences.SETTINGS)
    wrong = [differences.STATS, differences.EARNINGS] if has_earnings else [differences.STATS]
    _lock(connection, LOCK_MEMBERS, " union all ".join(wrong), server)
    stats = connection.execute(REPAIR_STATS, server).fetchall()
    earnings = _repair_earnings(connection, server) if has_earnings else []
    _lock(connection, LOCK_DROPS, differences.DROPS, server)
    repaired = Repaired(stats, earnings, connection.execute(REPAIR_DROPS).fetchall())
    if repaired:
        connection.execute(AUDIT, server | {"details": Jsonb(repaired.details(), dumps=_json)})
    return repaired


def _repair_earnings(connection: psycopg.Connection[Row], server: Row) -> list[Row]:
    connection.execute(EXPECT_EARNINGS.encode(), server)
    return connection.execute(REPAIR_EARNINGS, server).fetchall()


def _lock(connection: psycopg.Connection[Row], statements: tuple[LiteralString, ...], wrong: str, server: Row) -> None:
    """Lock the rows that the query `wrong` finds."""
    for statement in statements:
        connection.execute(statement.format(wrong=wrong).encode(), server if "%(" in statement + wrong else None)


def _json(value: Any) -> str:
    return json.dumps(value, default=str)  # amounts are exact decimals
