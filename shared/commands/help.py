"""/help: what this member may use here, from the declarations."""

from shared import text
from shared.database import DatabaseError
from shared.interaction import Interaction
from shared.registry import REGISTRY, Level, command
from shared.reply import Reply, private


@command("help")
def show_help(interaction: Interaction) -> Reply:
    """Show what you can do with Resonance in this server."""
    level = Level.FULL_ADMIN if interaction.manages_server else _level(interaction)
    commands = [(path, found.description) for path, found in REGISTRY.commands.items() if found.requires <= level]
    return private(text.help_page(commands))


def _level(interaction: Interaction) -> int:
    """The member's level, from the server's roles; help is worth giving without a database too."""
    try:
        return int(interaction.rpc("get_level")["level"])
    except DatabaseError:
        return Level.MEMBER
