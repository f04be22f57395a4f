"""What Resonance does, a feature a module."""
# ruff: noqa: F401, I001, PLC0415


def declare_all() -> None:
    """Declare all commands, buttons and forms, in the order in which Discord and /help list them.

    A schedule that needs one feature imports that one alone.
    """
    import shared.features.audit.log
    import shared.features.balance
    import shared.features.claim
    import shared.features.cooldowns
    import shared.features.daily
    import shared.features.events
    import shared.features.export
    import shared.features.help
    import shared.features.history
    import shared.features.join
    import shared.features.leaderboard
    import shared.features.members
    import shared.features.drops.create
    import shared.features.drops.listing
    import shared.features.drops.manage
    import shared.features.rewards
    import shared.features.settings.show
    import shared.features.settings.roles
    import shared.features.settings.channels
    import shared.features.setup.connect
    import shared.features.setup.check
    import shared.features.setup.disconnect
    import shared.features.stats
    import shared.features.streak.commands
    import shared.features.settings.streaks
