"""/help: what this member may use here, from the declarations."""

from shared.database import DatabaseError
from shared.discord.reply import Reply, embed, message_payload, private_message
from shared.interactions.interaction import Interaction
from shared.interactions.registry import REGISTRY, Handler, Level, command
from shared.text import help as words


@command("help")
def show_help(interaction: Interaction) -> Reply:
    """Show what you can do with Resonance in this server."""
    level = Level.FULL_ADMIN if interaction.manages_server else _level(interaction)
    allowed = [found for found in (*REGISTRY.commands.values(), *REGISTRY.menus.values()) if found.requires <= level]
    allowed.sort(key=lambda found: found.requires)  # what everybody uses stands first
    lines = words.help_page([(_how(found), found.description) for found in allowed])
    return private_message(message_payload(embeds=[embed(words.HELP_TITLE, lines)]))


def _how(found: Handler) -> str:
    """How a command or a menu entry is called."""
    return words.menu_entry(found.name) if found.name in REGISTRY.menus else f"/{found.name}"


def _level(interaction: Interaction) -> int:
    """The member's level, from the server's roles; help is worth giving without a database too."""
    try:
        return int(interaction.rpc("get_level")["level"])
    except DatabaseError:
        return Level.MEMBER
