"""From a verified body to an answer: whatever is in it, there is one, and Discord accepts it."""

from typing import Any

import pytest

from infra.fake_discord.client import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE
from shared.interactions import dispatch
from tests.conftest import BRAND
from tests.functions.by_hand import UUID, button, options, pressed
from tests.sql import Database

Json = dict[str, Any]


# --- PING


def test_discord_checks_the_endpoint(discord: Client) -> None:
    reply = discord.ping()
    assert (reply.status, reply.json) == (200, {"type": 1})
    assert reply.headers["content-type"] == "application/json"


def test_a_ping_asks_nobody(discord: Client, rpc_calls: list[str]) -> None:
    discord.ping()
    assert rpc_calls == []


# --- What no longer exists


@pytest.mark.parametrize(
    "custom_id",
    [
        "old:1",
        "old",
        "claim",
        "claim:",
        "claim:notauuid",
        "claim:1:2",
        f"claim:{UUID}:2",
        f":{UUID}",
        "Claim:x",
        ":",
        " ",
    ],
)
def test_a_button_of_another_time_says_so(server: Client, custom_id: str) -> None:
    reply = pressed(server, custom_id)
    assert reply.kind == 4
    assert reply.ephemeral
    assert reply.text == dispatch.UNKNOWN_BUTTON


def test_a_button_of_a_drop_that_never_was(server: Client) -> None:
    reply = pressed(server, f"claim:{UUID}")
    assert reply.ephemeral
    assert reply.text == "This drop no longer exists."


@pytest.mark.parametrize(
    "data",
    [
        {"name": "gone"},
        {"name": "drop"},
        {"name": "drop", "options": [{"name": "gone", "type": 1, "options": []}]},
        {"name": "config", "options": [{"name": "events", "type": 2, "options": []}]},
        {"name": "daily", "options": [{"name": "create", "type": 1}]},
        {"name": ""},
        {},
    ],
)
def test_a_command_of_another_time_says_so(server: Client, data: Json) -> None:
    reply = server.interact(COMMAND, data, ADMIN)
    assert reply.ephemeral
    assert reply.text == dispatch.UNKNOWN_COMMAND


def test_a_command_of_another_time_suggests_nothing(server: Client) -> None:
    reply = server.interact(AUTOCOMPLETE, {"name": "gone"}, ADMIN)
    assert (reply.kind, reply.choices) == (8, [])


def test_a_modal_of_another_time_says_so(server: Client) -> None:
    reply = server.interact(MODAL_SUBMIT, {"custom_id": "gone:1", "components": []}, ADMIN)
    assert reply.ephemeral
    assert "no longer" in reply.text


# --- Options that cannot be


@pytest.mark.parametrize(
    ("given", "named", "said"),
    [
        (("max-claims", 4, 0), "`max-claims`", "must be 1 or more."),
        (("max-claims", 4, 1_000_001), "`max-claims`", "must be 1,000,000 or less."),
        (("max-claims", 4, 10**30), "`max-claims`", "must be 1,000,000 or less."),
        (("max-claims", 3, "many"), "`max-claims`", "must be a whole number."),
        (("max-claims", 10, 1.5), "`max-claims`", "must be a whole number."),
        (("reward", 4, 0), "`reward`", "must be 1 or more."),
        (("reward", 4, 10_001), "`reward`", "must be 10,000 or less."),
        (("label", 3, ""), "`label`", "must not be empty."),
        (("label", 3, "   "), "`label`", "must not be empty."),
        (("label", 3, "x" * 81), "`label`", "must have 80 characters or fewer."),
        (("label", 4, 5), "`label`", "must be a text."),
        (("description", 3, "x" * 1001), "`description`", "must have 1,000 characters or fewer."),
        (("channel", 7, "here"), "Choose a channel from the list.", ""),
        (("lifespan", 3, "soon"), "`lifespan`", "90s, 5m, 24h, 7d or permanent."),
        (("surprise", 3, "x"), "`surprise`", "is not an option of this command."),
    ],
)
def test_an_option_out_of_bounds_is_named_and_nothing_happens(
    server: Client, db: Database, local_discord: FakeDiscord, given: Any, named: str, said: str
) -> None:
    reply = server.interact(COMMAND, {"name": "drop", "options": options(given)}, ADMIN)
    assert reply.ephemeral
    assert reply.text.startswith("Nothing has changed. Please check:\n")
    assert named in reply.text  # as the member sees it in Discord
    assert said in reply.text
    assert db.value("select count(*) from discord_drops") == 0
    assert local_discord.messages(server.channel_id) == []


def test_a_missing_option_is_named(server: Client) -> None:
    reply = server.interact(COMMAND, {"name": "setup", "options": [{"name": "disconnect", "type": 1}]}, ADMIN)
    assert reply.ephemeral
    assert reply.text == "Nothing has changed. Please check:\n`confirm` is missing."


def test_two_problems_are_told_at_once(server: Client) -> None:
    given = options(("reward", 4, 0), ("label", 3, "x" * 81))
    reply = server.interact(COMMAND, {"name": "drop", "options": given}, ADMIN)
    assert "`reward`" in reply.text
    assert "`label`" in reply.text


def test_what_was_typed_is_not_repeated(server: Client) -> None:
    reply = server.interact(COMMAND, {"name": "drop", "options": options(("lifespan", 3, "@everyone"))}, ADMIN)
    assert "everyone" not in reply.text


# --- Outside of a server


@pytest.mark.parametrize("path", ["daily", "help"])
def test_a_direct_message_is_told_where_to_go(discord: Client, rpc_calls: list[str], path: str) -> None:
    in_a_dm = {"guild_id": None, "guild": None, "member": None, "context": 1}
    reply = discord.interact(COMMAND, {"name": path}, ALICE, **in_a_dm)
    assert reply.ephemeral
    assert reply.text == dispatch.GUILD_ONLY
    assert rpc_calls == []


def test_a_click_in_a_direct_message_is_told_where_to_go(discord: Client) -> None:
    reply = discord.interact(COMPONENT, button(f"claim:{UUID}"), ALICE, guild_id=None, member=None)
    assert reply.text == dispatch.GUILD_ONLY


# --- Discord's limits, whatever somebody else wrote into the tables or sent


def test_an_event_with_an_endless_label_is_listed(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set label = repeat('x', 5000) where event_type = 'news_tracker'")
    assert server.slash("config events edit", name="news_tracker", reward=7, user=ADMIN).ephemeral
    assert "daily_checkin" in server.slash("config events list", user=ADMIN).text


def test_a_drop_of_an_event_with_an_endless_label_is_posted(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set label = repeat('x', 5000) where event_type = 'news_tracker'")
    assert "The drop is in" in server.slash("drop create", event="news_tracker", user=ADMIN).text


def test_autocomplete_leaves_out_what_discord_would_not_take(server: Client, db: Database) -> None:
    db.run("insert into monitoring_rules (brand_id, event_type) values (%s, ''), (%s, repeat('n', 150))", BRAND, BRAND)
    found = [choice["value"] for choice in server.autocomplete("drop create", event="n", user=ADMIN).choices]
    assert "news_tracker" in found
    assert all(1 <= len(value) <= 100 for value in found)


def test_a_hundred_unknown_options_get_a_message_that_fits(server: Client) -> None:
    options = [{"name": f"made-up-{n}" * 5, "type": 3, "value": "x"} for n in range(100)]
    assert server.interact(2, {"id": "1", "name": "daily", "type": 1, "options": options}, ALICE).ephemeral


def test_autocomplete_outside_of_a_server_offers_nothing(server: Client) -> None:
    options = [{"name": "create", "type": 1, "options": [{"name": "event", "type": 3, "value": "", "focused": True}]}]
    data = {"id": "1", "name": "drop", "type": 1, "options": options}
    assert server.interact(4, data, ALICE, guild_id=None).choices == []
    assert server.interact(4, data, ALICE, member={"user": "nobody"}).choices == []
