"""list_claimable_events: what /claim suggests, which is what claim_event takes."""

import pytest

from tests.sql import NOON, Caller, Database

BOB = Caller(user_id="1002")


def names(db: Database) -> list[str]:
    """The events that are suggested."""
    return [event["event"] for event in db.call("list_claimable_events", BOB)["events"]]


def test_only_what_members_may_take_and_is_on(seeded: Database) -> None:
    seeded.add_event("raid", 5, claimable=True, label="Raid!", cooldown_hours=2)
    seeded.add_event("boss", 5, claimable=True, is_enabled=False)
    seeded.add_event("art", 5, claimable=True, is_enabled=None)
    seeded.add_event("foreign", 1, server_id="78", claimable=True)
    seeded.add_event("foreign", 1, brand_id="another", server_id=None, claimable=True)
    result = seeded.call("list_claimable_events", BOB)
    assert result["outcome"] == "events"
    assert [event["event"] for event in result["events"]] == ["art", "raid"]
    assert result["events"][1] == {
        "event": "raid",
        "label": "Raid!",
        "reward": 5,
        "cooldown_hours": 2,
        "ignored_cooldown_hours": None,
        "max_claims": None,
        "max_total_claims": None,
        "claimable": True,
        "enabled": True,
        "brand_wide": False,
        "detection": None,
    }


def test_the_servers_own_rules_shadow_the_brand_wide_ones(seeded: Database) -> None:
    for name in ("art", "quest", "raid"):
        seeded.add_event(name, 1, server_id=None, claimable=True)
    seeded.add_event("raid", 2, claimable=True, is_enabled=False)
    assert names(seeded) == ["art"]
    seeded.run("update monitoring_rules set claimable = true, is_enabled = true where server_id = '77'")
    rewards = {event["event"]: event["reward"] for event in seeded.call("list_claimable_events", BOB)["events"]}
    assert rewards == {"art": 1, "quest": 10, "raid": 2}


@pytest.mark.parametrize("event_type", ["daily_checkin", "welcome_bonus"])
def test_what_has_a_command_of_its_own_is_never_suggested(seeded: Database, event_type: str) -> None:
    seeded.add_event(event_type, 5, claimable=True)
    assert names(seeded) == []


def test_what_is_suggested_is_what_can_be_claimed(seeded: Database) -> None:
    everything = ["quest", "art", "raid", "daily_checkin", "welcome_bonus"]
    for number, name in enumerate(everything[1:]):
        seeded.add_event(name, 5, claimable=True, is_enabled=number != 1)
    claimed = {
        name
        for name in everything
        if seeded.call("claim_event", BOB.again(), event_type=name, now=NOON)["outcome"] == "event_claimed"
    }
    assert set(names(seeded)) == claimed == {"art"}


def test_no_events(db: Database) -> None:
    db.connect_server()
    assert db.call("list_claimable_events", BOB) == {"outcome": "events", "events": []}


def test_a_server_that_is_not_connected(seeded: Database) -> None:
    seeded.run("update discord_server_configs set is_active = false")
    for member in (BOB, Caller(server_id="78")):
        assert seeded.call("list_claimable_events", member) == {"outcome": "server_not_connected"}
