"""exclude_channel: rewards are off in a channel."""

from dataclasses import replace

from tests.infra.supabase.internal.test_settings_change import log, stored
from tests.sql import ADMIN, NOON, Caller, Database

BOB = Caller(user_id="1002")


def test_nobody_earns_there_and_everybody_elsewhere(seeded: Database) -> None:
    seeded.run("update monitoring_rules set claimable = true")
    seeded.call("exclude_channel", ADMIN, channel_id="88")
    assert seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON)["outcome"] == "channel_excluded"
    elsewhere = replace(BOB, channel_id="89").again()
    assert seeded.call("claim_event", elsewhere, event_type="quest", now=NOON)["outcome"] == "event_claimed"


def test_a_channel_is_there_once_behind_the_others(seeded: Database) -> None:
    for channel in ("88", "87", "88"):
        result = seeded.call("exclude_channel", ADMIN.again(), channel_id=channel)
    assert result["outcome"] == "settings_unchanged"
    assert stored(seeded) == {"excluded_channels": ["88", "87"]}
    assert len(log(seeded)) == 2
