"""The features: importing this package declares all commands and buttons."""

from shared.commands import (
    audit,
    balance,
    claim,
    cooldowns,
    daily,
    drop,
    events,
    help,  # noqa: A004
    history,
    join,
    leaderboard,
    members,
    open_drops,
    reward,
    setup,
    stats,
    streak,
)

__all__ = [
    "audit",
    "balance",
    "claim",
    "cooldowns",
    "daily",
    "drop",
    "events",
    "help",
    "history",
    "join",
    "leaderboard",
    "members",
    "open_drops",
    "reward",
    "setup",
    "stats",
    "streak",
]
