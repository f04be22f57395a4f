"""The features: importing this package declares all commands and buttons."""

from shared.commands import daily, drop, events, help, setup  # noqa: A004

__all__ = ["daily", "drop", "events", "help", "setup"]
