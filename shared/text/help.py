"""What a member may use here."""

from shared.format import PAGE_LIMIT

HELP_TITLE = "What you can do here"


def menu_entry(name: str) -> str:
    """Where the entry of a message's menu is found."""
    return f"a message's menu > Apps > {name}"


def help_page(commands: list[tuple[str, str]]) -> str:
    """What somebody may use, with what each does as long as there is room for that."""
    lines = "\n".join(f"`{how}` {description}" for how, description in commands)
    return lines if len(lines) <= PAGE_LIMIT else ", ".join(f"`{how}`" for how, _ in commands)
