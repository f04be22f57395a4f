"""What Resonance does, a feature a module."""


def declare_all() -> None:
    """Declare all commands, buttons and forms. A schedule that needs one feature imports that one alone."""
    from shared.features import (  # noqa: F401, PLC0415
        audit,
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
        roles,
        server_channels,
        settings,
        setup,
        stats,
        streak,
        streak_rules,
    )
