"""What a member may use here."""

from shared.text.figures import PAGE_LIMIT

HELP_TITLE = "What you can do here"


def help_page(commands: list[tuple[str, str]]) -> str:
    """The commands that somebody may use, with what each does as long as there is room for that."""
    lines = "\n".join(f"`/{path}` {description}" for path, description in commands)
    return lines if len(lines) <= PAGE_LIMIT else ", ".join(f"`/{path}`" for path, _ in commands)
