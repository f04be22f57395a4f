"""Register the commands with Discord: show what changes, ask, then replace them all.

    python -m infra.deploy.register_commands                      # global commands: every server sees them
    python -m infra.deploy.register_commands --guild ID           # those of one server, which has them at once
    python -m infra.deploy.register_commands --guild ID --remove  # that server has the global ones alone
    python -m infra.deploy.register_commands --dry-run            # only shows; exit code 3 if anything would change

It reads DISCORD_APPLICATION_ID and DISCORD_BOT_TOKEN, and DISCORD_API_URL to use another API than Discord's. In the
database that SUPABASE_DB_URL names it keeps the ids that Discord gave, for /help. The exit code is 1 if something would
change and was not registered, or if the ids could not be kept.
"""

import argparse
import os
import sys
from typing import Any

import psycopg

from infra.deploy import command_ids
from infra.deploy.command_diff import CREATES_A_DAY, diff
from infra.deploy.database import URL_VARIABLE
from infra.deploy.redaction import redact, secrets_in
from shared import features
from shared.discord import rest
from shared.discord.error import MISSING_ACCESS, DiscordError
from shared.format import is_id
from shared.interactions.registration import registration
from shared.settings import SettingsError

features.declare_all()

WOULD_CHANGE = 3  # exit code
LIMIT_OF_CREATES = 30034


class RegistrationError(Exception):
    """Nothing was registered; the message says why and what the operator can do."""


Commands = list[dict[str, Any]]


def register(guild_id: str | None, *, asks: bool, is_dry_run: bool) -> int:
    """Print what would change and register it; returns the exit code. Raises RegistrationError, DiscordError."""
    commands = registration()
    where = "in this server" if guild_id else "for every server"
    done = f"{len(commands)} commands are registered {where}."
    return _replace(guild_id, commands, "Register these?" if asks else None, done, is_dry_run=is_dry_run)


def remove(guild_id: str, *, asks: bool, is_dry_run: bool) -> int:
    """Leave a server the global commands alone; else as register()."""
    done = "This server has no commands of its own."
    return _replace(guild_id, [], "Remove these?" if asks else None, done, is_dry_run=is_dry_run)


def _replace(guild_id: str | None, commands: Commands, question: str | None, done: str, *, is_dry_run: bool) -> int:
    registered = rest.get_commands(guild_id)
    after = _within(guild_id, commands)
    difference = diff(_within(guild_id, registered), after)
    if not difference:
        print(f"Nothing changes. {done}")
        return 0 if is_dry_run else _keep_ids(guild_id, registered)
    print(difference, flush=True)
    if is_dry_run:
        return WOULD_CHANGE
    if question:
        _confirm(question)
    registered = rest.put_commands(after, guild_id)
    print(done)
    return _keep_ids(guild_id, registered)


def _keep_ids(guild_id: str | None, registered: Commands) -> int:
    """Keep the ids of the commands for /help; returns the exit code."""
    url = os.environ.get(URL_VARIABLE)
    if not url:
        if registered:
            print(f"/help names them without a link, because {URL_VARIABLE} is not set.")
        return 0
    try:
        command_ids.keep(url, guild_id, registered)
    except psycopg.errors.UndefinedTable:
        print("/help names them without a link: deploy the database, which lacks migration 022, and run this again.")
        return 0
    except psycopg.Error as error:
        problem = redact(str(error), secrets_in(url)).strip()
        print(f"Their ids were not kept, so /help may name old ones. Run this again. {problem}", file=sys.stderr)
        return 1
    return 0


def _within(guild_id: str | None, commands: Commands) -> Commands:
    """Leave out what Discord ignores in the commands of one server, and does not give back as it was sent."""
    ignored = {"contexts", "integration_types"} if guild_id else set()
    return [{name: value for name, value in command.items() if name not in ignored} for command in commands]


def _confirm(question: str) -> None:
    """Ask on the terminal. Raises RegistrationError unless the answer is yes."""
    if not sys.stdin.isatty():
        raise RegistrationError("There is no terminal to ask on: look at the changes, then run it again with --yes.")
    try:
        answer = input(f"{question} [y/N] ")
    except (EOFError, KeyboardInterrupt):
        print()
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise RegistrationError("Everything stays as it was.")


def advice(error: DiscordError) -> str:
    """The sentence that says what an operator can do about an error of Discord's."""
    if error.status == 401:
        return "It does not know the token: set DISCORD_BOT_TOKEN to the one under Bot > Reset Token in its portal."
    if error.code == MISSING_ACCESS:
        return "The application is not in that server: invite it with the scope applications.commands, or check the id."
    if error.code == LIMIT_OF_CREATES:
        return f"The {CREATES_A_DAY} new commands of today are used up: try again tomorrow."
    if error.is_retryable:
        return "Try again in a few minutes."
    return "Check that DISCORD_APPLICATION_ID and DISCORD_BOT_TOKEN belong to the same application."


def guild_id(typed: str) -> str:
    """A server's id as typed on a command line. Raises ArgumentTypeError."""
    if not is_id(typed):
        raise argparse.ArgumentTypeError("should be the id of a server, 1 to 20 digits")
    return typed


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.deploy.register_commands",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--guild", metavar="ID", type=guild_id, help="register with this server alone")
    parser.add_argument("--remove", action="store_true", help="with --guild: remove the commands of that server")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help=f"change nothing; {WOULD_CHANGE} if anything would")
    arguments = parser.parse_args()
    if arguments.remove and not arguments.guild:
        parser.error("--remove needs --guild: the global commands stay")
    act = remove if arguments.remove else register
    try:
        return act(arguments.guild, asks=not arguments.yes, is_dry_run=arguments.dry_run)
    except DiscordError as error:
        problem = f"{error}. {advice(error)}"
    except (RegistrationError, SettingsError) as error:
        problem = str(error)
    print(f"The commands were not {'removed' if arguments.remove else 'registered'}. {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
