"""What Resonance does, a feature a module. Each is imported at its first use: a cold start waits for no other."""

from collections.abc import Iterable
from importlib import import_module

from shared.interactions.registry import sort

# The names by which an interaction finds a module: the first words of its commands (/drop), its buttons, select menus,
# forms and menu entries. Discord and /help list the commands in this order.
FEATURES = {
    "audit.log": ("/audit", "audit"),
    "balance": ("/balance",),
    "claim": ("/claim",),
    "cooldowns": ("/cooldowns",),
    "daily": ("/daily", "daily"),
    "events": ("/config", "events", "delete_event"),
    "export": ("/export",),
    "help": ("/help", "help"),
    "history": ("/history", "history"),
    "join": ("/join",),
    "leaderboard": ("/leaderboard", "leaderboard", "rank"),
    "members": ("/config",),
    "drops.message": ("claim",),
    "drops.preview": ("preview_post", "preview_change", "preview_cancel", "preview"),
    "drops.create": ("/drop", "drop", "new_drop", "Make this a drop"),
    "drops.reaction": ("reaction_drop", "reactions_to", "Reward reactions"),
    "drops.listing": ("/drop",),
    "drops.manage": ("/drop",),
    "rewards": ("/reward",),
    "settings.show": ("/config",),
    "settings.roles": ("/config",),
    "settings.channels": ("/config",),
    "setup.connect": ("/setup", "connect"),
    "setup.status": ("/setup",),
    "setup.check": ("/setup",),
    "setup.disconnect": ("/setup",),
    "stats": ("/stats",),
    "streak.commands": ("/streak",),
    "streak.claim": ("/streak", "milestone"),
    "watches": ("/watch",),
    "settings.streaks": ("/config",),
}


def declare(name: str) -> None:
    """Declare what an interaction names: `/drop` with all that is below it, a component, a form or a menu entry."""
    _import([feature for feature, names in FEATURES.items() if name in names])


def declare_all() -> None:
    """Declare all commands, components and forms, in their order."""
    _import(FEATURES)
    sort([f"{__name__}.{feature}" for feature in FEATURES])


def _import(features: Iterable[str]) -> None:
    for feature in ("refusals", *features):  # every feature may be refused
        import_module(f"{__name__}.{feature}")
