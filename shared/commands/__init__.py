"""The features: importing this package declares all commands and buttons."""

from shared.commands import (
    balance,
    claim,
    cooldowns,
    daily,
    drop,
    events,
    export,
    help,  # noqa: A004
    history,
    join,
    leaderboard,
    members,
    new_drops,
    open_drops,
    reward,
    setup,
    streak,
)

__all__ = [
    "balance",
    "claim",
    "cooldowns",
    "daily",
    "drop",
    "events",
    "export",
    "help",
    "history",
    "join",
    "leaderboard",
    "members",
    "new_drops",
    "open_drops",
    "reward",
    "setup",
    "streak",
]
