"""The books of a database: every figure that must agree, and where it does not.

The ledger is the truth. The stats and the sums of the leaderboards follow it, the counter of a drop follows its claims,
and every claim has its ledger row. What limits events (`event_claims`, `event_totals`) counts the ledger rows as well,
but for those that another program writes without counting them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
Connection = psycopg.Connection[Any]

SHOWN = 20  # differences of a kind and server that are read out; the others are counted

# Per server: the sums of each side, as `agree` compares them. One statement sees one moment: they agree also in the
# middle of a rush.
FIGURES = """
    select s.id as server_id,
        (select coalesce(sum(amount), 0) from public.reward_ledger where server_id = s.id) as ledger,
        (select coalesce(sum(rsnc_total), 0) from public.discord_user_stats where server_id = s.id) as stats,
        (select count(*) from public.discord_user_stats as u where server_id = s.id and (rsnc_earned, rsnc_total)
            is distinct from (select (floor(coalesce(sum(amount), 0))::bigint, coalesce(sum(amount), 0))
                from public.reward_ledger as l
                where l.server_id = u.server_id and l.discord_user_id = u.discord_user_id)) as wrong_stats,
        (select count(*) from public.reward_ledger where server_id = s.id and source = 'drop') as drop_rows,
        (select count(*) from public.discord_drop_claims join public.discord_drops using (drop_id)
            where server_id = s.id) as claims,
        (select coalesce(sum(claims_count), 0) from public.discord_drops where server_id = s.id) as counters,
        (select count(*) from public.reward_ledger where server_id = s.id and source <> 'reversal') as earnings,
        (select coalesce(sum(claims), 0) from public.event_claims where server_id = s.id) as event_claims,
        (select coalesce(sum(claims), 0) from public.event_totals where server_id = s.id) as event_totals
    from (select %s::text as id) as s
"""

# Each query of differences gives server_id, subject (whose row: a member or a drop), part (which of their rows), found
# and expected; it looks at one server or, where %(server)s is NULL, at all.
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

# What member_earnings must hold of the ledger rows in {rows}. A row from before migration 009 has no day of its own.
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
"""  # noqa: S608 (all of it stands above)

DROPS = """
    select server_id, drop_id::text as subject, '' as part, claims_count::text as found,
        coalesce(c.claims, 0)::text as expected
    from public.discord_drops
    left join (select drop_id, count(*) as claims from public.discord_drop_claims group by 1) as c using (drop_id)
    where (%(server)s::text is null or server_id = %(server)s) and claims_count <> coalesce(c.claims, 0)
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
    select server_id, 'all members', event_type, coalesce(t.claims, 0)::text, coalesce(l.claims, 0)::text
    from (select server_id, event_type, sum(claims) as claims from paid group by 1, 2) as l
    full join (
        select * from public.event_totals where %(server)s::text is null or server_id = %(server)s
    ) as t using (server_id, event_type)
    where coalesce(t.claims, 0) <> coalesce(l.claims, 0)
"""


@dataclass(frozen=True)
class Kind:
    """One thing that must agree with another."""

    name: str
    query: str  # the differences
    table: str  # whose rows are compared
    means: str
    is_repaired: bool = False
    is_proof: bool = True  # does a difference mean that the books are wrong?


KINDS = (
    Kind("stats", STATS, "discord_user_stats", "members' totals against the ledger", is_repaired=True),
    Kind("earnings", EARNINGS, "member_earnings", "leaderboards' sums against the ledger", is_repaired=True),
    Kind("drops", DROPS, "discord_drops", "drops' counters against their claims", is_repaired=True),
    Kind("claims", CLAIMS, "discord_drop_claims", "claims of drops against the ledger"),
    Kind("limits", LIMITS, "event_claims", "what limits events against the ledger", is_proof=False),
)


@dataclass(frozen=True)
class Difference:
    """One row that is not as it should be."""

    server_id: str
    subject: str
    part: str
    found: str
    expected: str


@dataclass(frozen=True)
class Comparison:
    """How one kind came out: how many rows there are, how many differ per server, and the first of those."""

    kind: Kind
    rows: int
    differing: dict[str, int]
    shown: list[Difference]

    @property
    def total(self) -> int:
        """How many differ."""
        return sum(self.differing.values())


def figures(connection: Connection, server_id: str) -> Row:
    """The sums of a server."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(FIGURES.encode(), [server_id]).fetchone()
    assert found is not None
    return found


def agree(sums: Row) -> bool:
    """Do the sums of a server agree?"""
    return bool(
        sums["ledger"] == sums["stats"]
        and sums["wrong_stats"] == 0
        and sums["drop_rows"] == sums["claims"] == sums["counters"]
        and sums["earnings"] == sums["event_claims"] == sums["event_totals"]
    )


def differences(connection: Connection, kind: Kind, server_id: str | None = None) -> list[Row]:
    """All differences of a kind, on one server or on all."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(kind.query.encode(), {"server": server_id}).fetchall()


def kinds(connection: Connection) -> list[Kind]:
    """What can be compared: a database that stops at migration 007 has no leaderboards."""
    return [kind for kind in KINDS if _exists(connection, kind.table)]


def compare(connection: Connection, server_id: str | None = None) -> Iterator[Comparison]:
    """Compare everything. In one transaction that is REPEATABLE READ it is the state of one moment."""
    for kind in kinds(connection):
        yield _compared(connection, kind, server_id)


def _compared(connection: Connection, kind: Kind, server_id: str | None) -> Comparison:
    ranked = f"""
        select * from (
            select *, count(*) over (partition by server_id) as differing,
                row_number() over (partition by server_id order by subject, part) as place
            from ({kind.query}) as d
        ) as ranked where place <= {SHOWN} order by server_id, place
    """  # noqa: S608 (both are ours)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(ranked.encode(), {"server": server_id}).fetchall()
        rows = cursor.execute(f"select count(*) as rows from public.{kind.table}".encode()).fetchone()  # noqa: S608
    assert rows is not None
    return Comparison(
        kind=kind,
        rows=rows["rows"],
        differing={row["server_id"]: row["differing"] for row in found},
        shown=[Difference(*(row[name] for name in Difference.__dataclass_fields__)) for row in found],
    )


def _exists(connection: Connection, table: str) -> bool:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute("select to_regclass(%s) is not null as found", [f"public.{table}"]).fetchone()
    return found is not None and bool(found["found"])
