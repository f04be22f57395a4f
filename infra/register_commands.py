"""Register the commands with Discord: show what changes, then replace them all.

    python -m infra.register_commands

It reads DISCORD_APPLICATION_ID, DISCORD_BOT_TOKEN and, where it is not Discord's own, DISCORD_API_URL.
"""

import sys
from typing import Any

import shared.commands  # noqa: F401  (declares the commands)
from shared import discord
from shared.registration import registration
from shared.settings import SettingsError

Command = dict[str, Any]


def changes(registered: list[Command], declared: list[Command]) -> list[str]:
    """What registering would do, a line for each command: + new, ~ changed, - removed."""
    before = {command["name"]: command for command in registered}
    after = {command["name"]: command for command in declared}
    return [
        *(f"+ /{name}" for name in sorted(after.keys() - before.keys())),
        *(f"~ /{name}" for name in sorted(after.keys() & before.keys()) if not _is_same(before[name], after[name])),
        *(f"- /{name}" for name in sorted(before.keys() - after.keys())),
    ]


def _is_same(registered: Any, declared: Any) -> bool:
    """Does Discord have what is declared? It adds fields of its own and leaves out what is false or empty."""
    if isinstance(declared, dict):
        return all(_is_same(registered.get(key), value) for key, value in declared.items())
    if isinstance(declared, list):
        registered = registered or []
        return len(registered) == len(declared) and all(map(_is_same, registered, declared))
    return bool(registered == declared) or (not registered and not declared)


def main() -> int:
    """The command line."""
    try:
        lines = changes(discord.get_commands(), registration())
        print(*(lines or ["Nothing changes."]), sep="\n")
        discord.put_commands(registration())
    except (discord.DiscordError, SettingsError) as error:
        print(f"The commands were not registered. {error}", file=sys.stderr)
        return 1
    print(f"{len(registration())} commands are registered.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
