"""/help: what this member may use here, from the declarations."""

from shared import features
from shared.database import DatabaseError
from shared.discord.reply import Reply, ephemeral_message, page
from shared.format import PAGE_LIMIT
from shared.interactions.dispatch import member_level
from shared.interactions.interaction import Interaction
from shared.interactions.registry import REGISTRY, Handler, Level, command

TITLE = "What you can do here"


@command("help")
def show_help(interaction: Interaction) -> Reply:
    """Show what you can do with Resonance in this server."""
    features.declare_all()
    level = _level(interaction)
    allowed = [found for found in (*REGISTRY.commands.values(), *REGISTRY.menus.values()) if found.requires <= level]
    allowed.sort(key=lambda found: found.requires)  # first what everybody may use
    return ephemeral_message(page(TITLE, help_page([(_how(found), found.description) for found in allowed])))


def help_page(commands: list[tuple[str, str]]) -> str:
    """Commands with their descriptions; without, if there is no room for these."""
    lines = "\n".join(f"`{how}` {description}" for how, description in commands)
    return lines if len(lines) <= PAGE_LIMIT else ", ".join(f"`{how}`" for how, _ in commands)


def menu_entry(name: str) -> str:
    """Where members find an entry of a message's menu."""
    return f"a message's menu > Apps > {name}"


def _how(found: Handler) -> str:
    return menu_entry(found.name) if found.name in REGISTRY.menus else f"/{found.name}"


def _level(interaction: Interaction) -> int:
    """The member's level by the server's roles; without a database, help is for members."""
    try:
        return member_level(interaction)
    except DatabaseError:
        return Level.MEMBER
