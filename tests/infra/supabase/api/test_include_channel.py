"""include_channel: rewards are on again in a channel."""

from tests.infra.supabase.internal.test_settings_change import stored
from tests.sql import ADMIN, NOON, Caller, Database


def test_members_earn_there_again(seeded: Database) -> None:
    seeded.set_settings({"excluded_channels": ["87", "88", "88"]})
    seeded.run("update monitoring_rules set claimable = true")
    assert seeded.call("include_channel", ADMIN, channel_id="88")["after"]["excluded_channels"] == ["87"]
    claimed = seeded.call("claim_event", Caller().again(), event_type="quest", now=NOON)
    assert claimed["outcome"] == "event_claimed"


def test_the_last_one_leaves_an_empty_list(seeded: Database) -> None:
    with seeded.without_triggers():  # from before migration 014
        seeded.set_settings({"excluded_channels": ["a word"]})
    seeded.call("include_channel", ADMIN, channel_id="a word")
    assert stored(seeded) == {"excluded_channels": []}


def test_a_channel_that_is_not_excluded(seeded: Database) -> None:
    refused = {"outcome": "channel_not_excluded", "channel_id": "88"}
    assert seeded.call("include_channel", ADMIN, channel_id="88") == refused
    seeded.set_settings({"excluded_channels": ["888"]})
    assert seeded.call("include_channel", ADMIN, channel_id="88") == refused
