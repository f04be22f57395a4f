"""/drop list, and open drops as lines and suggestions."""

from typing import Any

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB
from shared import format as figures
from shared.features.drops import listing
from tests.drops import admin, the_drop
from tests.sql import Database

Json = dict[str, Any]


def test_list_shows_what_is_open_and_where(server: Client, message: Json, db: Database) -> None:
    server.click(message, "Claim", user=BOB)
    reply = admin(server, "list")
    assert reply.ephemeral
    assert "**News tracker**: 5 RSNC, 1 of 10 claimed, ends <t:" in reply.text
    link = f"https://discord.com/channels/{server.guild_id}/{server.channel_id}/{message['id']}"
    assert f"[message]({link})" in reply.text
    admin(server, "end", drop=str(the_drop(db)["drop_id"]))
    assert "/drop create" in admin(server, "list").text


def test_a_very_long_list_still_fits_a_message(server: Client, message: Json, db: Database) -> None:
    db.run(
        "insert into discord_drops (drop_id, server_id, event_id, drop_type, channel_id, message_id, title)"
        " select gen_random_uuid(), server_id, event_id, drop_type, channel_id, message_id, repeat('*', 2000)"
        " from discord_drops cross join generate_series(1, 150)"
    )
    reply = admin(server, "list")
    lines = reply.text.splitlines()[1:]
    assert lines[-1] == f"… and {151 - len(lines) + 1} more"


def test_suggestions_say_what_is_claimed_and_how_long_it_lasts(
    server: Client, message: Json, drop: str, db: Database
) -> None:
    admin(server, "create", event="regular_engagement", label="Grab it", lifespan="permanent")
    server.click(message, "Claim", user=BOB)
    db.run("update discord_drops set expires_at = now() + interval '100 minutes' where drop_id = %s", drop)
    suggested = server.autocomplete("drop end", user=ADMIN, drop="").choices
    assert suggested[0] == {"name": "News tracker: 1 of 10 claimed, 1 hour left", "value": drop}
    assert suggested[1]["name"] == "Regular engagement (Grab it): 0 claims, permanent"
    found = server.autocomplete("drop edit", user=ADMIN, drop=" GRAB ").choices
    assert [choice["name"] for choice in found] == [suggested[1]["name"]]


# --- Words


DROP = {
    "event": "Quest",
    "reward": 10,
    "claims_count": 7,
    "max_claims": 100,
    "expires_at": "2026-03-10T12:00:00+00:00",
    "ended_at": None,
    "end_reason": None,
}
LISTED = DROP | {
    "title": "Quest",
    "label": None,
    "server_id": "77",
    "channel_id": "88",
    "message_id": "99",
    "seconds_left": 7_300,
}


def test_an_open_drop_is_a_line_with_a_link() -> None:
    assert listing.drop_line(LISTED) == (
        "**Quest**: 10 RSNC, 7 of 100 claimed, ends <t:1773144000:R>, "
        "[message](https://discord.com/channels/77/88/99) in <#88>"
    )
    line = listing.drop_line(
        LISTED | {"expires_at": None, "max_claims": None, "message_id": None, "label": "Grab *it*"}
    )
    assert line == "**Quest** (Grab \\*it\\*): 10 RSNC, 7 claims, permanent, not posted yet"


def test_a_suggestion_says_it_in_plain_words() -> None:
    assert listing.drop_choice(LISTED) == "Quest: 7 of 100 claimed, 2 hours left"
    forever = LISTED | {"seconds_left": None, "label": "Grab", "max_claims": None}
    assert listing.drop_choice(forever) == "Quest (Grab): 7 claims, permanent"


def test_a_suggestion_of_any_length_keeps_its_figures() -> None:
    choice = listing.drop_choice(LISTED | {"title": "very " * 1_000, "claims_count": 10**6, "max_claims": 10**6})
    assert len(choice) == figures.CHOICE_LIMIT
    assert choice.endswith("…: 1,000,000 of 1,000,000 claimed, 2 hours left")


def test_a_list_says_how_many_more_there_are() -> None:
    found = {"drops": [LISTED] * 100, "total": 250}
    *lines, more = listing.drop_list(found).splitlines()
    assert more == f"… and {250 - len(lines)} more"
    assert len(listing.drop_list(found)) < 3_500
