"""`python -m infra.doctor`: is this deployment healthy? It changes nothing.

    python -m infra.doctor --stack resonance --region eu-central-1

It reads the variables that the functions read, SUPABASE_DB_URL, and EVENTS_SIGNING_KEY (docs/deploy.md). Without
SUPABASE_DB_URL or --database-url it sees only a part of the database, without --stack nothing of AWS, and says so. The
exit code is 1 if anything failed, else 0.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TextIO

from infra.deploy.database import URL_VARIABLE
from infra.deploy.redaction import redact
from infra.deploy.register_commands import guild_id
from infra.doctor import aws, discord, events, supabase
from infra.doctor.check import Check, Finding, once
from infra.doctor.report import Found, as_json, is_healthy, line, summary

AREAS = ("discord", "supabase", "aws", "events")


class Examination:
    """The checks of a deployment, and the secrets that must not be printed."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._database_url: str | None = arguments.database_url
        self._stacks: list[aws.Stack] = []
        application = once(discord.fetch_application)
        areas: dict[str, Callable[[], list[Check]]] = {
            "discord": lambda: discord.checks(arguments.guild, application),
            "supabase": lambda: supabase.checks(self._database_url),
            "aws": lambda: self._aws(arguments.stack, arguments.region, application),
            "events": lambda: self._events(arguments),
        }
        self.checks = [check for area in arguments.only or AREAS for check in areas[area]()]

    def _aws(self, name: str | None, region: str | None, application: discord.Fetch) -> list[Check]:
        if name is None:
            return [aws.without_stack()]
        return aws.checks(partial(self._open, name, region), application)

    def _events(self, arguments: argparse.Namespace) -> list[Check]:
        if arguments.events_url is None and arguments.stack is None:
            return [events.without_url()]
        return events.checks(partial(self._events_url, arguments), arguments.guild)

    def _events_url(self, arguments: argparse.Namespace) -> str:
        if arguments.events_url is not None:
            return str(arguments.events_url)
        return f"{aws.function_url(self._open(arguments.stack, arguments.region), aws.EVENTS)}{events.PATH}"

    def _open(self, name: str, region: str | None) -> aws.Stack:
        self._stacks.append(aws.open_stack(name, region))
        return self._stacks[-1]

    def findings(self, progress: TextIO) -> Iterator[Found]:
        """Run the checks one after the other; secrets are hidden in what they found."""
        for check in self.checks:
            if progress.isatty():
                print(f"\x1b[2K… {check.area}: {check.name}", end="\r", file=progress, flush=True)
            found = check.run()
            yield check, Finding(found.status, self._redact(found.said), self._redact(found.do))

    def _redact(self, text: str) -> str:
        read = {secret for stack in self._stacks for secret in stack.secrets}
        return redact(text, discord.secrets() | supabase.secrets(self._database_url) | events.secrets() | read)


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    arguments = _parser().parse_args(argv)
    progress = sys.stderr if arguments.json else sys.stdout
    found = []
    for check, finding in Examination(arguments).findings(progress):
        print(line(check, finding), file=progress, flush=True)
        found.append((check, finding))
    print(as_json(found) if arguments.json else f"\n{summary(found)}")
    return 0 if is_healthy(found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.doctor", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=AREAS, help="look at this area alone (may be repeated)")
    parser.add_argument("--stack", metavar="NAME", help="name of the CloudFormation stack")
    parser.add_argument("--region", help="AWS region of the stack (as the AWS configuration says)")
    parser.add_argument(
        "--database-url",
        metavar="URL",
        default=os.environ.get(URL_VARIABLE),
        help=f"connection string of the database, as its owner (as {URL_VARIABLE} says)",
    )
    parser.add_argument(
        "--guild",
        metavar="ID",
        type=guild_id,
        help="a server in which to look at the bot's permissions, and of which the key of a program may be",
    )
    parser.add_argument("--events-url", metavar="URL", help="where batches of events go (as the stack says)")
    parser.add_argument("--json", action="store_true", help="the findings as JSON; progress then goes to stderr")
    return parser


if __name__ == "__main__":
    sys.exit(main())
