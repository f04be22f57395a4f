"""The books of a server: sums that must agree, because the other tables follow the ledger.

The stats and the sums of the leaderboards follow it, the counter of a drop follows its claims, and every claim has its
ledger row. `event_claims` and `event_totals`, which limit events, count the ledger rows as well, except those of
programs that write the ledger without counting.
"""

from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]

# One statement, because it reads one snapshot: the sums also agree while payments go on.
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


def figures(connection: psycopg.Connection[Any], server_id: str) -> Row:
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
