"""Register the commands with Discord: show what changes, ask, then replace them all.

    python -m infra.deploy.register_commands             # global commands: every server sees them
    python -m infra.deploy.register_commands --guild ID  # those of one server, which has them at once
    python -m infra.deploy.register_commands --dry-run   # only shows; exit code 3 if anything would change

It reads DISCORD_APPLICATION_ID, DISCORD_BOT_TOKEN and, where it is not Discord's own, DISCORD_API_URL. The exit code is
1 when nothing was registered though something would change.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared import features
from shared.discord import rest
from shared.discord.error import DiscordError
from shared.interactions.registration import registration
from shared.interactions.registry import MESSAGE_MENU, SLASH
from shared.settings import SettingsError

features.declare_all()

Command = dict[str, Any]
Key = tuple[int, str]  # Discord tells commands apart by type and name

CREATES_A_DAY = 200
WOULD_CHANGE = 3  # exit code
LIMIT_OF_CREATES, MISSING_ACCESS = 30034, 50001

# What a command, an option or a choice is made of. Discord adds fields of its own to its answers, such as ids.
_DECLARABLE = {"type", "name", "name_localizations", "description", "description_localizations", "options", "choices"}
_DECLARABLE |= {"default_member_permissions", "contexts", "integration_types", "nsfw", "required", "autocomplete"}
_DECLARABLE |= {"channel_types", "min_value", "max_value", "min_length", "max_length", "value"}


class RegistrationError(Exception):
    """Nothing was registered, for a reason that the operator can do something about."""


@dataclass
class Changes:
    """What registering would do, by the names that people read."""

    added: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)  # with the fields that differ
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        lines = [f"+ {name}" for name in self.added]
        lines += [f"~ {name}: {', '.join(fields)}" for name, fields in self.changed.items()]
        lines += [f"- {name}" for name in self.removed]
        return "\n".join([*lines, *self._warnings()])

    def _warnings(self) -> Iterator[str]:
        if self.added:
            yield f"New: {len(self.added)} of the {CREATES_A_DAY} commands that Discord lets you create a day."
        if self.removed:
            yield (
                "Removed commands lose the permissions that servers have set for them, for good. A command with"
                " another name is a removed one and a new one."
            )


def changes(registered: list[Command], declared: list[Command]) -> Changes:
    """What registering `declared` would do to what Discord has."""
    before, after = _by_key(registered), _by_key(declared)
    differing = {key: sorted(set(_differences(before[key], after[key]))) for key in after if key in before}
    return Changes(
        added=[_shown(key) for key in after if key not in before],
        changed={_shown(key): fields for key, fields in differing.items() if fields},
        removed=[_shown(key) for key in before if key not in after],
    )


def _by_key(commands: list[Command]) -> dict[Key, Command]:
    return {(command.get("type", SLASH), command["name"]): _plain(command) for command in commands}


def _shown(key: Key) -> str:
    kind, name = key
    if kind == SLASH:
        return f"/{name}"
    return f"Apps > {name}" if kind == MESSAGE_MENU else f"{name} (command of type {kind})"


def _plain(value: Any) -> Any:
    """What was declared, in one form: Discord leaves out what is false or empty, or gives it as null."""
    if isinstance(value, dict):
        plain = {name: _plain(part) for name, part in value.items() if name in _DECLARABLE}
        return {name: part for name, part in plain.items() if part is not None and part is not False and part != ""}
    if isinstance(value, list) and all(isinstance(part, int) for part in value):
        return sorted(value) or None
    return [_plain(part) for part in value] or None if isinstance(value, list) else value


def _differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The fields that differ; what is inside of options and choices by their names: `options.event.description`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from _differences(before.get(name), after.get(name), f"{path}.{name}".lstrip("."))
    elif before != after:
        same_names = _names(before) == _names(after) != []
        pairs = zip(before, after, strict=True) if same_names else ()
        inside = [found for old, new in pairs for found in _differences(old, new, f"{path}.{new['name']}")]
        yield from inside or [path]


def _names(value: Any) -> list[str]:
    """The names in a list of options or choices, in the order in which members see them."""
    return [part["name"] for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def register(guild_id: str | None, *, is_sure: bool, only_show: bool) -> int:
    """Show what would change and register it; gives the exit code. Raises RegistrationError, DiscordError."""
    found = changes(rest.get_commands(guild_id), registration())
    if not found:
        print(f"Nothing changes: Discord has these {len(registration())} commands.")
        return 0
    print(found, flush=True)
    if only_show:
        return WOULD_CHANGE
    if not is_sure:
        _ask()
    rest.put_commands(registration(), guild_id)
    print(f"{len(registration())} commands are registered {'in this server' if guild_id else 'for every server'}.")
    return 0


def _ask() -> None:
    """Go on only if somebody says so. Raises RegistrationError."""
    if not sys.stdin.isatty():
        raise RegistrationError("There is no terminal to ask on: look at the changes, then run it again with --yes.")
    try:
        answer = input("Register these? [y/N] ")
    except (EOFError, KeyboardInterrupt):
        print()
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise RegistrationError("Everything stays as it was.")


def advice(error: DiscordError) -> str:
    """What an operator can do about an error of Discord's."""
    if error.status == 401:
        return "It does not know the token: set DISCORD_BOT_TOKEN to the one under Bot > Reset Token in its portal."
    if error.code == MISSING_ACCESS:
        return "The application is not in that server: invite it with the scope applications.commands, or check the id."
    if error.code == LIMIT_OF_CREATES:
        return f"The {CREATES_A_DAY} new commands of today are used up: try again tomorrow."
    if error.is_retryable:
        return "Try again in a few minutes."
    return "Check that DISCORD_APPLICATION_ID and DISCORD_BOT_TOKEN belong to the same application."


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.deploy.register_commands",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--guild", metavar="ID", help="register with this server alone")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help=f"change nothing; {WOULD_CHANGE} if anything would")
    arguments = parser.parse_args()
    try:
        return register(arguments.guild, is_sure=arguments.yes, only_show=arguments.dry_run)
    except DiscordError as error:
        problem = f"{error}. {advice(error)}"
    except (RegistrationError, SettingsError) as error:
        problem = str(error)
    print(f"The commands were not registered. {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
