"""/config channels: where nobody earns, and where notices to admins go."""

from typing import Any

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from tests.shared.features.settings.stored import shown, stored, written
from tests.sql import Database

OTHER = "420000000000000009"
THREADS = (
    "\n\nIts threads count as it does, and so do the channels of a category. "
    "A drop that is open there pays nobody until you include it again."
)


def channels(client: Client, command: str, /, **options: Any) -> Reply:
    """An admin's /config channels command."""
    return client.slash(f"config channels {command}", user=ADMIN, **options)


def test_nobody_earns_in_an_excluded_channel(server: Client, rpc_calls: list[str]) -> None:
    here = server.channel_id
    reply = channels(server, "exclude", channel=here)
    assert shown(reply) == (
        f"<#{here}>: **excluded, nobody earns there** (before: not excluded)\nAdmin channel: none{THREADS}"
    )
    assert rpc_calls == ["exclude_channel"]
    assert "Rewards are off in this channel" in server.slash("daily", user=BOB).text
    back = channels(server, "include", channel=here)
    assert shown(back) == f"<#{here}>: **not excluded** (before: excluded, nobody earns there)\nAdmin channel: none"
    assert server.redeliver(reply).body == reply.body
    assert server.redeliver(back).body == back.body
    assert "Checked in" in server.slash("daily", user=BOB).text


def test_a_channel_that_was_deleted_can_be_picked(server: Client, db: Database, rpc_calls: list[str]) -> None:
    with db.without_triggers():  # the last from before migration 014
        written(db, {"excluded_channels": ["88", OTHER, "a word"]})
    found = server.autocomplete("config channels include", user=ADMIN, channel="").choices
    assert [choice["value"] for choice in found] == ["88", OTHER, "a word"]
    assert rpc_calls == ["get_settings"]
    mention = server.autocomplete("config channels include", user=ADMIN, channel=f"<#{OTHER}>").choices
    assert mention == [{"name": OTHER, "value": OTHER}]
    channels(server, "include", channel=f"<#{OTHER}>")
    channels(server, "include", channel="a word")
    assert stored(db) == {"excluded_channels": ["88"]}
    assert server.autocomplete("config channels include", user=BOB, channel="").choices == []


def test_channels_are_suggested_by_their_names(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    local_discord.add_channel(OTHER, server.guild_id, name="off-topic")
    written(db, {"excluded_channels": [OTHER, server.channel_id]})
    for typed in ("off", "#off", f"<#{OTHER}>"):
        (found,) = server.autocomplete("config channels include", user=ADMIN, channel=typed).choices
        assert found == {"name": "#off-topic", "value": OTHER}, typed
    local_discord.fail(500, path=f"/guilds/{server.guild_id}/channels")
    unnamed = server.autocomplete("config channels include", user=ADMIN, channel="").choices
    assert [choice["name"] for choice in unnamed] == [OTHER, server.channel_id]


def test_what_is_not_excluded_cannot_be_included(server: Client) -> None:
    assert channels(server, "include", channel=OTHER).text == f"Nothing has changed: <#{OTHER}> is not excluded."
    for typed, told in {"bot-commands": "bot-commands", "*x*`": "*x*'", "  ": " "}.items():
        assert channels(server, "include", channel=typed).text == (
            f"Nothing has changed: `{told}` does not say which channel. "
            "Choose one from the list, or type # and choose the channel by its name."
        )
    too_long = channels(server, "include", channel="x" * 101)
    assert too_long.text.endswith("\n`channel` must have 100 characters or fewer.")


def test_the_admin_channel_is_set_and_taken_away(server: Client, db: Database) -> None:
    reply = channels(server, "admin", channel=OTHER)
    assert shown(reply).startswith(f"Admin channel: **<#{OTHER}>** (before: none)\n\nAdmins read there what happens")
    assert stored(db) == {"admin_channel": OTHER}
    assert shown(channels(server, "admin")) == f"Admin channel: **none** (before: <#{OTHER}>)"
    assert stored(db) == {}
    assert "it was like this already" in shown(channels(server, "admin"))
