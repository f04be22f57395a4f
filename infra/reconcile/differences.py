"""Rows that do not agree with the ledger or with the claims, kind by kind."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
Connection = psycopg.Connection[Any]

SHOWN = 20  # differences of a kind and server that are listed; the others are counted
SETTINGS = b"set local statement_timeout = 0; set local work_mem = '128MB'"  # sums of whole tables

# Each query gives the rows that differ: server_id, subject (the member or the drop), part (which of its rows), found
# and expected; of one server or, where %(server)s is NULL, of all.
STATS = """
    select server_id, discord_user_id as subject, '' as part,
        coalesce(s.rsnc_total || ' (' || s.rsnc_earned || ')', 'nothing') as found,
        coalesce(l.rsnc, 0) || ' (' || floor(coalesce(l.rsnc, 0)) || ')' as expected
    from (
        select server_id, discord_user_id, sum(amount) as rsnc from public.reward_ledger
        where %(server)s::text is null or server_id = %(server)s group by 1, 2
    ) as l
    full join (
        select * from public.discord_user_stats where %(server)s::text is null or server_id = %(server)s
    ) as s using (server_id, discord_user_id)
    where (s.rsnc_total, s.rsnc_earned) is distinct from (coalesce(l.rsnc, 0), floor(coalesce(l.rsnc, 0)))
"""

# What member_earnings must hold for the ledger rows in {rows}. Rows from before migration 009 have no day.
EARNED = """
    select server_id,
        case
            when grouping(month, week) = 3 then 'all'
            when grouping(month) = 0 then internal.period('month', month)
            else internal.period('week', week)
        end as period,
        discord_user_id, sum(amount) as rsnc, (count(*) filter (where source <> 'reversal'))::integer as claims,
        max(created_at) filter (where amount <> 0) as rsnc_since,
        max(created_at) filter (where source <> 'reversal') as claims_since
    from (
        select *, date_trunc('month', paid_on)::date as month, date_trunc('week', paid_on)::date as week
        from (select *, coalesce(day, internal.day_on(server_id, created_at)) as paid_on from {rows}) as dated
    ) as paid
    group by grouping sets (
        (server_id, discord_user_id), (server_id, discord_user_id, month), (server_id, discord_user_id, week)
    )
"""
LEDGER_OF_SERVER = "public.reward_ledger where %(server)s::text is null or server_id = %(server)s"
EARNINGS = f"""
    select server_id, discord_user_id as subject, period as part,
        coalesce(e.rsnc || ' in ' || e.claims || ' claims', 'nothing') as found,
        coalesce(l.rsnc || ' in ' || l.claims || ' claims', 'nothing') as expected
    from ({EARNED.format(rows=LEDGER_OF_SERVER)}) as l
    full join (
        select * from public.member_earnings where %(server)s::text is null or server_id = %(server)s
    ) as e using (server_id, period, discord_user_id)
    where (l.rsnc, l.claims, l.rsnc_since, l.claims_since)
        is distinct from (e.rsnc, e.claims, e.rsnc_since, e.claims_since)
"""  # noqa: S608 (its parts are the constants above)

DROPS = """
    select server_id, drop_id::text as subject, '' as part, claims_count::text as found,
        coalesce(c.claims, 0)::text as expected
    from public.discord_drops
    left join (select drop_id, count(*) as claims from public.discord_drop_claims group by 1) as c using (drop_id)
    where (%(server)s::text is null or server_id = %(server)s) and claims_count <> coalesce(c.claims, 0)
        and not (claims_count < c.claims and internal.awaits_count(drop_id)) -- the minute's run counts
"""

CLAIMS = """
    select server_id, discord_user_id as subject, drop_id as part,
        case when c.drop_id is null then 'no claim' else coalesce(c.reward_amount::text, 'a claim') end as found,
        coalesce(l.amount::text, 'no ledger row') as expected
    from (
        select server_id, discord_user_id, drop_id::text, c.reward_amount
        from public.discord_drop_claims as c join public.discord_drops using (drop_id)
        where %(server)s::text is null or server_id = %(server)s
    ) as c
    full join (
        select server_id, discord_user_id, reference as drop_id, amount from public.reward_ledger
        where source = 'drop' and (%(server)s::text is null or server_id = %(server)s)
    ) as l using (server_id, discord_user_id, drop_id)
    where c.drop_id is null or l.drop_id is null or c.reward_amount <> l.amount
"""

# A payment locks its member before its row gets an id, so the order of ids is that of the balances. Rows from before
# migration 013, and those of somebody who writes without that lock, may be in another order: no proof of a wrong total.
BALANCES = """
    select server_id, discord_user_id as subject, id::text as part, balance_after::text as found,
        due::text as expected
    from (
        select *, sum(amount) over (partition by server_id, discord_user_id order by id) as due
        from public.reward_ledger where %(server)s::text is null or server_id = %(server)s
    ) as l
    where balance_after <> due
"""

LIMITS = """
    with paid as (
        select server_id, discord_user_id, event_type, count(*) as claims from public.reward_ledger
        where source <> 'reversal' and (%(server)s::text is null or server_id = %(server)s) group by 1, 2, 3
    )
    select server_id, discord_user_id as subject, event_type as part, coalesce(c.claims, 0)::text as found,
        coalesce(l.claims, 0)::text as expected
    from paid as l
    full join (
        select * from public.event_claims where %(server)s::text is null or server_id = %(server)s
    ) as c using (server_id, discord_user_id, event_type)
    where coalesce(c.claims, 0) <> coalesce(l.claims, 0)
    union all
    select server_id, 'all members', event_type, internal.total_claims(server_id, event_type)::text,
        coalesce(l.claims, 0)::text
    from (select server_id, event_type, sum(claims) as claims from paid group by 1, 2) as l
    full join (
        select server_id, event_type from public.event_totals
        where %(server)s::text is null or server_id = %(server)s
    ) as t using (server_id, event_type)
    where internal.total_claims(server_id, event_type) <> coalesce(l.claims, 0)
"""


@dataclass(frozen=True)
class Kind:
    """One comparison: rows of a table with the rows that they must agree with."""

    name: str
    query: str  # finds the rows that differ
    table: str  # its rows are compared
    description: str
    is_repaired: bool = False  # does --repair correct it?
    is_proof: bool = True  # does a difference mean that the books are wrong?


KINDS = (
    Kind("stats", STATS, "discord_user_stats", "members' totals against the ledger", is_repaired=True),
    Kind("earnings", EARNINGS, "member_earnings", "leaderboards' sums against the ledger", is_repaired=True),
    Kind("drops", DROPS, "discord_drops", "drops' counters against their claims", is_repaired=True),
    Kind("claims", CLAIMS, "discord_drop_claims", "claims of drops against the ledger"),
    Kind("balances", BALANCES, "reward_ledger", "balances in the ledger against the rows up to them", is_proof=False),
    Kind("limits", LIMITS, "event_claims", "what limits events against the ledger", is_proof=False),
)


@dataclass(frozen=True)
class Difference:
    """One row that differs from what it must be."""

    server_id: str
    subject: str
    part: str
    found: str
    expected: str


@dataclass(frozen=True)
class Comparison:
    """The result of one kind: how many rows there are, how many differ by server, and the first of these."""

    kind: Kind
    rows: int
    differing: dict[str, int]
    shown: list[Difference]

    @property
    def total(self) -> int:
        """How many rows differ on all servers."""
        return sum(self.differing.values())


def rows(connection: Connection, kind: Kind, server_id: str | None = None) -> list[Row]:
    """All rows of a kind that differ, on one server or on all."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(kind.query.encode(), {"server": server_id}).fetchall()


def kinds(connection: Connection) -> list[Kind]:
    """The kinds whose table exists: a database that stops at migration 007 has no leaderboards."""
    return [kind for kind in KINDS if _exists(connection, kind.table)]


def prove(url: str, server_id: str | None = None) -> list[Comparison]:
    """Compare every kind in one snapshot of the database. Raises psycopg.Error."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(SETTINGS)
        return [_compare(connection, kind, server_id) for kind in kinds(connection)]


def _compare(connection: Connection, kind: Kind, server_id: str | None) -> Comparison:
    ranked = f"""
        select * from (
            select *, count(*) over (partition by server_id) as differing,
                row_number() over (partition by server_id order by subject, part) as place
            from ({kind.query}) as d
        ) as ranked where place <= {SHOWN} order by server_id, place
    """  # noqa: S608 (both are constants)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(ranked.encode(), {"server": server_id}).fetchall()
        counted = cursor.execute(f"select count(*) as rows from public.{kind.table}".encode()).fetchone()  # noqa: S608
    assert counted is not None
    return Comparison(
        kind=kind,
        rows=counted["rows"],
        differing={row["server_id"]: row["differing"] for row in found},
        shown=[Difference(*(row[name] for name in Difference.__dataclass_fields__)) for row in found],
    )


def _exists(connection: Connection, table: str) -> bool:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute("select to_regclass(%s) is not null as found", [f"public.{table}"]).fetchone()
    return found is not None and bool(found["found"])
