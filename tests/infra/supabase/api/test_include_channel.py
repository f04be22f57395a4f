"""include_channel: rewards are on again in a channel."""

from psycopg.types.json import Jsonb

from tests.infra.supabase.test_change_settings import stored
from tests.sql import ADMIN, NOON, Caller, Database


def test_members_earn_there_again(room: Database) -> None:
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"excluded_channels": ["87", "88", "88"]}))
    room.run("update monitoring_rules set claimable = true")
    assert room.call("include_channel", ADMIN, channel_id="88")["after"]["excluded_channels"] == ["87"]
    claimed = room.call("claim_event", Caller().again(), event_type="quest", now=NOON)
    assert claimed["outcome"] == "event_claimed"


def test_the_last_one_leaves_an_empty_list(room: Database) -> None:
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"excluded_channels": ["a word"]}))
    room.call("include_channel", ADMIN, channel_id="a word")
    assert stored(room) == {"excluded_channels": []}


def test_a_channel_that_is_not_excluded(room: Database) -> None:
    refused = {"outcome": "channel_not_excluded", "channel_id": "88"}
    assert room.call("include_channel", ADMIN, channel_id="88") == refused
    room.run("update discord_server_configs set config_metadata = %s", Jsonb({"excluded_channels": ["888"]}))
    assert room.call("include_channel", ADMIN, channel_id="88") == refused
