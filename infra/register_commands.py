"""Register the commands with Discord: show what changes, then replace them all.

python -m infra.register_commands
"""

import sys

import shared.commands  # noqa: F401  (declares the commands)
from shared import discord
from shared.registry import registration


def register() -> list[str]:
    """Put the declared commands in place of the registered ones; returns what changed, a line each."""
    before = {command["name"] for command in discord.get_commands()}
    commands = registration()
    discord.put_commands(commands)
    after = {command["name"] for command in commands}
    return [
        *(f"+ /{name}" for name in sorted(after - before)),
        *(f"- /{name}" for name in sorted(before - after)),
        *(f"  /{name}" for name in sorted(after & before)),
    ]


if __name__ == "__main__":
    print(*register(), sep="\n")
    sys.exit(0)
