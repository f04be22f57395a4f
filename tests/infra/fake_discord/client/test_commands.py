"""Commands as the client sends them: options by their types, what is resolved, suggestions."""

from dataclasses import replace
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, BOB, CAROL
from tests.infra.fake_discord.client.bundle import ROLE, Bundle


def test_options_take_their_types_from_the_command(discord: Client) -> None:
    sent = discord.slash("drop create", event="news", max_claims=7, channel="55", brand_id="b").interaction
    (create,) = sent["data"]["options"]
    assert (create["name"], create["type"]) == ("create", 1)
    assert create["options"] == [
        {"name": "event", "type": 3, "value": "news"},
        {"name": "max-claims", "type": 4, "value": 7},
        {"name": "channel", "type": 7, "value": "55"},
        {"name": "brand_id", "type": 3, "value": "b"},
    ]
    assert sent["data"]["resolved"]["channels"]["55"]["id"] == "55"


def test_members_and_roles_are_resolved(discord: Client) -> None:
    sent = discord.slash("config member disable", member=CAROL, role=ROLE, who=BOB, user=ADMIN).interaction
    (group,) = sent["data"]["options"]
    (disable,) = group["options"]
    assert (group["type"], disable["type"]) == (2, 1)
    assert [item["value"] for item in disable["options"]] == [CAROL.id, ROLE, BOB.id]
    resolved = sent["data"]["resolved"]
    assert set(resolved["users"]) == set(resolved["members"]) == {CAROL.id, BOB.id}
    assert not {"user", "deaf", "mute"} & set(resolved["members"][BOB.id])
    assert set(resolved["roles"]) == {ROLE}


def test_the_bots_permissions_are_told_here_and_in_channels_that_are_named(discord: Client) -> None:
    sent = replace(discord, app_permissions=1 << 10).slash("drop create", event="news", channel="55").interaction
    assert sent["app_permissions"] == sent["data"]["resolved"]["channels"]["55"]["app_permissions"] == "1024"


def test_a_choice_goes_by_what_is_seen_or_by_its_value(discord: Client) -> None:
    for period in ("This week", "week"):
        sent = discord.slash("leaderboard", period=period).interaction
        assert sent["data"]["options"] == [{"name": "period", "type": 3, "value": "week"}]


@pytest.mark.parametrize(
    ("path", "options", "reason"),
    [
        ("dayly", {}, "no command 'dayly'"),
        ("daily now", {}, "no /daily now"),
        ("drop", {}, "needs a subcommand"),
        ("drop create", {}, "needs event"),
        ("drop create", {"event": "news", "until": "5m"}, "no option 'until'"),
        ("leaderboard", {"period": "year"}, "offers only: This week"),
    ],
)
def test_what_discord_does_not_offer(discord: Client, path: str, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotOfferedError, match=reason):
        discord.slash(path, **options)


@pytest.mark.parametrize("path", ["claim", "claim event"])
def test_autocomplete_marks_the_option_that_is_typed(discord: Client, bundle: Bundle, path: str) -> None:
    bundle.reply = {"type": 8, "data": {"choices": [{"name": "News", "value": "news"}]}}
    reply = discord.autocomplete(path, event="ne")
    assert reply.interaction["type"] == 4
    assert reply.interaction["data"]["options"] == [{"name": "event", "type": 3, "value": "ne", "focused": True}]
    assert reply.choices == [{"name": "News", "value": "news"}]


def test_autocomplete_in_a_half_filled_command(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 8, "data": {"choices": []}}
    sent = discord.autocomplete("drop create event", event="ne", max_claims=5).interaction
    options = sent["data"]["options"][0]["options"]
    assert [(item["name"], item.get("focused")) for item in options] == [
        ("event", True),
        ("max-claims", None),
    ]
