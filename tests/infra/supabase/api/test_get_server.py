"""get_server: the state of the connection."""

from tests.sql import ADMIN, DAY, HOUR, NOON, Caller, Database


def test_it_counts_what_is_this_servers(db: Database) -> None:
    for server in ("77", "78"):
        db.connect_server(server)
        db.add_event("quest", 10.5, server_id=server)
        db.add_drop(server_id=server)
        db.add_drop(server_id=server, expires_at=NOON + HOUR)
        for member in ("1002", "1003"):
            caller = Caller(user_id=member, server_id=server).again()
            db.call("claim_drop", caller, drop_id=db.add_drop(server_id=server, max_claims=1), now=NOON)
        db.add_drop(server_id=server, expires_at=NOON)
        db.add_drop(server_id=server, ended_at=NOON - DAY, end_reason="cancelled")
    db.run("insert into discord_user_stats (server_id, discord_user_id, messages_count) values ('77', '1004', 9)")
    result = db.call("get_server", ADMIN, now=NOON)
    assert [event["event"] for event in result.pop("events")] == ["quest"]
    assert result == {
        "outcome": "server",
        "brand_id": "brand",
        "is_brand_active": True,
        "server_name": None,
        "open_drops": 2,
        "members": 2,
        "distributed": 21,
    }


def test_a_server_that_is_not_connected(db: Database) -> None:
    assert db.call("get_server", ADMIN) == {"outcome": "server_not_connected"}
    db.connect_server()
    db.run("update discord_server_configs set is_active = false")
    assert db.call("get_server", ADMIN) == {"outcome": "server_not_connected"}
