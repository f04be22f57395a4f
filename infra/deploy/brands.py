"""Decide which brands there are, and give out the keys by which servers connect to them.

    python -m infra.deploy.brands add BRAND_ID [--name NAME]            # prints the brand's connect key, this once
    python -m infra.deploy.brands rotate BRAND_ID                       # a new connect key, which ends the one before
    python -m infra.deploy.brands disable BRAND_ID                      # from now on nothing is paid in its name
    python -m infra.deploy.brands enable BRAND_ID
    python -m infra.deploy.brands list
    python -m infra.deploy.brands program-key add BRAND_ID PUBLIC_KEY   # a program acts for it (Ed25519, 64 hex digits)
    python -m infra.deploy.brands program-key remove BRAND_ID PUBLIC_KEY

It works on the database that SUPABASE_DB_URL names, or --database-url. Only the hash of a connect key is kept: whoever
loses the key needs a new one. Servers that are connected stay so, whatever happens to the key.
"""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from infra.deploy.database import URL_VARIABLE
from infra.deploy.redaction import redact, secrets_in

CONNECT_SECONDS = 10
DEPLOY_FIRST = "The database knows no brands yet: run python -m infra.deploy.database deploy first."

Answer = dict[str, Any]


def call(url: str, function: str, **arguments: Any) -> Answer:
    """Call one of the functions that the portal calls too (supabase/api/). Raises psycopg.Error."""
    named = [sql.SQL("{} => {}").format(sql.Identifier(f"p_{name}"), sql.Placeholder(name)) for name in arguments]
    query = sql.SQL("select public.{}({})").format(sql.Identifier(function), sql.SQL(", ").join(named))
    with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, row_factory=tuple_row) as connection:
        (answer,) = connection.execute(query, arguments).fetchone() or ({},)
    return dict(answer)


# --- Words


def _with_key(done: str) -> Callable[[Answer], str]:
    return lambda answer: (
        f"{done} {answer['brand']['brand_id']}. Its connect key, shown only this once:\n\n    {answer['key']}\n\n"
        "Give it to the brand's people. An admin of a Discord server types it into the form of /setup connect."
    )


def _listed(answer: Answer) -> str:
    lines = [_facts(brand) for brand in answer["brands"]]
    return "\n".join(lines) or "There is no brand yet: no server can connect. `add` makes one."


def _facts(brand: Answer) -> str:
    name = f" ({brand['name']})" if brand["name"] else ""
    state = "on" if brand["is_active"] else "OFF, nothing is paid"
    key = "has a connect key" if brand["has_connect_key"] else "no connect key yet: `rotate` makes one"
    programs = "".join(f"\n    program key {key}" for key in brand["program_keys"])
    return f"{brand['brand_id']}{name}: {state}; connected servers: {brand['servers']}; {key}{programs}"


DONE: dict[str, Callable[[Answer], str]] = {
    "brand_added": _with_key("Added"),
    "brand_key_rotated": _with_key("Renewed the key of"),
    "brand_changed": lambda answer: _facts(answer["brand"]),
    "brands": _listed,
}
REFUSED: dict[str, Callable[[Answer], str]] = {
    "brand_exists": lambda answer: (
        f"There is a brand {answer['brand_id']} already. `rotate` gives it a new connect key."
    ),
    "brand_not_found": lambda answer: f"There is no brand {answer['brand_id']}. `list` shows all, `add` makes one.",
    "brand_id_invalid": lambda _: "A brand's id has 1 to 100 characters, and no space at its ends.",
    "program_key_invalid": lambda _: "A program's public key is an Ed25519 key of 64 hexadecimal digits.",
    "program_key_unknown": lambda _: "The brand has no such program key. `list` shows those that it has.",
    "migration_missing": lambda _: DEPLOY_FIRST,
}


# --- The command line


def main(argv: list[str] | None = None) -> int:
    """The command line; 1 where nothing was done."""
    arguments = vars(_parser().parse_args(argv))
    url, function = arguments.pop("database_url"), arguments.pop("function")
    try:
        answer = call(url, function, **arguments)
    except psycopg.errors.UndefinedFunction:
        print(DEPLOY_FIRST, file=sys.stderr)
        return 1
    except psycopg.Error as error:
        print(f"Nothing was done. {redact(str(error), secrets_in(url)).strip()}", file=sys.stderr)
        return 1
    outcome = answer["outcome"]
    if outcome in DONE:
        print(DONE[outcome](answer))
        return 0
    print(REFUSED[outcome](answer), file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.deploy.brands",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add = _command(commands, "add", "add_brand", "add a brand, and print its connect key")
    add.add_argument("--name", help="how people call it")
    _command(commands, "rotate", "rotate_brand_key", "give a brand a new connect key, and print it")
    for word, is_active in (("disable", False), ("enable", True)):
        switch = _command(commands, word, "set_brand_active", f"switch a brand {'on' if is_active else 'off'}")
        switch.set_defaults(is_active=is_active)
    _command(commands, "list", "list_brands", "show all brands", of_brand=False)
    programs = commands.add_parser("program-key", help="the programs that act for a brand")
    actions = programs.add_subparsers(metavar="ACTION", required=True)
    for word in ("add", "remove"):
        program = _command(actions, word, f"{word}_program_key", f"{word} the public key of a program")
        program.add_argument("public_key", metavar="PUBLIC_KEY", help="Ed25519, 64 hexadecimal digits")
    return parser


def _command(
    commands: Any,  # argparse names no public type for it
    word: str,
    function: str,
    does: str,
    *,
    of_brand: bool = True,
) -> argparse.ArgumentParser:
    """A subcommand that calls an SQL function with its arguments."""
    command: argparse.ArgumentParser = commands.add_parser(word, help=does, description=does)
    command.set_defaults(function=function)
    if of_brand:
        command.add_argument("brand_id", metavar="BRAND_ID")
    given = os.environ.get(URL_VARIABLE)
    command.add_argument(
        "--database-url",
        metavar="URL",
        default=given,
        required=not given,
        help=f"connection string of the database, as the owner of the tables (as {URL_VARIABLE} says)",
    )
    return command


if __name__ == "__main__":
    sys.exit(main())
