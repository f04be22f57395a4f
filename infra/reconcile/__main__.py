"""Prove that the books agree: ledger = claims = stats; and repair what follows the ledger, if asked to.

    python -m infra.reconcile                          # the database that SUPABASE_DB_URL names
    python -m infra.reconcile URL --server ID --repair

It compares one snapshot of the database while the functions go on. The exit code is 0 if all agrees (after the repair,
if there was one), 3 if something does not, 1 if the database could not be read.

--repair corrects the stats of members, the leaderboards' sums and the counters of drops from the ledger and the claims,
server by server, while payments go on, and writes what it changed to the audit log. It never changes the ledger, which
is the truth: a claim without its ledger row, or the other way round, is listed for a person to judge.
"""

import argparse
import sys

import psycopg

from infra.deploy.database import add_url
from infra.deploy.redaction import redact, secrets_in
from infra.reconcile.differences import Comparison, prove
from infra.reconcile.repair import repair
from infra.reconcile.report import agrees, details, table

DIFFERENT = 3  # exit code


def reconcile(url: str, server_id: str | None, *, repairs: bool) -> int:
    """Compare, repair if `repairs`, and print both; returns the exit code. Raises psycopg.Error."""
    compared = prove(url, server_id)
    _print(compared)
    servers = sorted({server for one in compared if one.kind.is_repaired for server in one.differing})
    if repairs and servers:
        for server in servers:
            changed = ", ".join(f"{count:,} of {name}" for name, count in repair(url, server).counts().items() if count)
            print(f"Repaired on server {server}: {changed or 'nothing'}.", flush=True)
        compared = prove(url, server_id)
        _print(compared)
    elif servers:
        print("To correct stats, earnings and drops from the ledger and the claims, add --repair.")
    return 0 if agrees(compared) else DIFFERENT


def _print(compared: list[Comparison]) -> None:
    print(table(compared), *details(compared), sep="\n")
    print("The books agree." if agrees(compared) else "The books do not agree.", flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.reconcile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_url(parser)
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
