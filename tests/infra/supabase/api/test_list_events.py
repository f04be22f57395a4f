"""list_events: what holds on a server."""

from tests.sql import ADMIN, Database


def test_the_servers_own_events_shadow_the_brand_wide_ones(seeded: Database) -> None:
    seeded.add_event("quest", 5, server_id=None)
    seeded.add_event("raid", 7, server_id=None, label="Raid!", cooldown_hours=2, max_claims_per_user=3)
    seeded.add_event("boss", 9, cooldown_hours=0, max_claims_per_user=-1, max_total_claims=-1, is_enabled=False)
    seeded.add_event("art", None, claimable=True, max_total_claims=8, is_enabled=None)
    seeded.add_event("foreign", 1, server_id="78")
    seeded.add_event("foreign", 1, brand_id="another", server_id=None)
    result = seeded.call("list_events", ADMIN)
    assert result["outcome"] == "events"
    none = {"label": None, "cooldown_hours": None, "max_claims": None, "max_total_claims": None}
    none |= {"ignored_cooldown_hours": None, "detection": None}
    usual = none | {"claimable": False, "enabled": True, "brand_wide": False}
    assert result["events"] == [
        usual | {"event": "art", "reward": 0, "claimable": True, "max_total_claims": 8},
        usual | {"event": "boss", "reward": 9, "enabled": False},
        usual | {"event": "quest", "reward": 10},
        usual
        | {"event": "raid", "reward": 7, "label": "Raid!", "cooldown_hours": 2, "max_claims": 3, "brand_wide": True},
    ]


def test_no_events(db: Database) -> None:
    db.connect_server()
    assert db.call("list_events", ADMIN) == {"outcome": "events", "events": []}


def test_a_server_that_is_not_connected(db: Database) -> None:
    assert db.call("list_events", ADMIN) == {"outcome": "server_not_connected"}
