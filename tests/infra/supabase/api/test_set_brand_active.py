"""set_brand_active: a brand that is off pays nothing from that moment, by no way."""

from dataclasses import replace

import pytest

from tests.sql import ADMIN, BOB, DAY, KEY_HASH, NOON, Caller, Database, Row

OFF: Row = {"outcome": "brand_disabled"}
EARNING: dict[str, Row] = {
    "check_in": {},
    "claim_event": {"event_type": "quest"},
    "claim_welcome_bonus": {},
    "claim_milestone": {},
}


@pytest.fixture
def earning(db: Database) -> Database:
    """A server where Bob could earn in every way."""
    db.add_brand()
    db.connect_server()
    for event in ("quest", "daily_checkin", "welcome_bonus"):
        db.add_event(event, 10, claimable=True)
    db.add_streak("1002", 7)
    return db


def switch(db: Database, is_active: bool) -> Row:
    """Switch the brand on or off."""
    return db.call("set_brand_active", brand_id="brand", is_active=is_active)


def test_it_tells_how_the_brand_is_now(earning: Database) -> None:
    for is_active in (False, False, True, True):
        changed = switch(earning, is_active)
        assert changed["outcome"] == "brand_changed"
        assert (changed["brand"]["is_active"], changed["brand"]["servers"]) == (is_active, 1)
    assert earning.call("set_brand_active", brand_id="x", is_active=True)["outcome"] == "brand_not_found"


@pytest.mark.parametrize("function", EARNING)
def test_members_earn_nothing_until_it_is_on_again(earning: Database, function: str) -> None:
    switch(earning, False)
    before = earning.contents()
    assert earning.call(function, BOB.again(), **EARNING[function], now=NOON) == OFF
    assert earning.contents() == before
    switch(earning, True)
    assert earning.call(function, BOB.again(), **EARNING[function], now=NOON)["amount"] > 0
    earning.assert_books_agree()


def test_a_drop_stays_open_and_pays_again_later(earning: Database) -> None:
    drop = earning.add_drop(expires_at=NOON + DAY)
    switch(earning, False)
    assert earning.call("claim_drop", BOB.again(), drop_id=drop, now=NOON) == OFF
    assert earning.drop(drop)["ended_at"] is None
    switch(earning, True)
    assert earning.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "claimed"


def test_who_was_paid_hears_it_again(earning: Database) -> None:
    paid = earning.call("claim_event", BOB, event_type="quest", now=NOON)
    switch(earning, False)
    assert earning.call("claim_event", BOB, event_type="quest", now=NOON) == paid


ADMINS: dict[str, tuple[Row, Row]] = {
    "give_reward": ({"member_id": "1002", "event_type": "quest", "role_ids": ()}, {"member_id": "1002"}),
    "create_drop": ({"event_type": "quest", "channel_id": "88"}, {}),
}


@pytest.mark.parametrize("function", ADMINS)
def test_admins_are_told_what_would_be_in_vain(earning: Database, function: str) -> None:
    arguments, more = ADMINS[function]
    switch(earning, False)
    before = earning.contents()
    assert earning.call(function, ADMIN.again(), **arguments, now=NOON) == OFF | more
    assert earning.contents() == before


def test_who_may_not_post_hears_that_first(earning: Database) -> None:
    switch(earning, False)
    asked: Row = {"event_type": "no such event", "channel_id": "88", "now": NOON}
    told = earning.call("create_drop", ADMIN.again(), **asked, missing_permissions_of_caller=("Send Messages",))
    assert told["outcome"] == "post_not_allowed"
    assert earning.call("create_drop", ADMIN.again(), **asked) == OFF


def test_what_is_taken_back_and_looked_at_goes_on(earning: Database) -> None:
    earning.add_reward(5)
    switch(earning, False)
    entry = earning.value("select id from reward_ledger")
    revoked = earning.call("revoke_reward", ADMIN.again(), member_id="1002", entry=entry, now=NOON)
    assert revoked["outcome"] == "reward_revoked"
    assert earning.call("get_balance", BOB, now=NOON)["outcome"] == "balance"
    assert earning.call("get_cooldowns", BOB, now=NOON)["refusal"] == OFF
    for function in ("get_server", "check_server"):
        assert earning.call(function, ADMIN.again(), now=NOON)["is_brand_active"] is False


def test_no_server_connects_to_it(earning: Database) -> None:
    switch(earning, False)
    before = earning.contents("discord_server_configs", "monitoring_rules", "discord_audit_log")
    caller = replace(ADMIN, server_id="78")
    assert earning.call("connect_server", caller, brand_id="brand", key_hash=KEY_HASH) == OFF
    assert earning.contents("discord_server_configs", "monitoring_rules", "discord_audit_log") == before


def test_the_servers_of_other_brands_go_on(earning: Database) -> None:
    earning.add_brand("another")
    earning.connect_server("78", "another")
    earning.add_event("quest", 10, server_id="78", brand_id="another", claimable=True)
    switch(earning, False)
    member = Caller(server_id="78").again()
    assert earning.call("claim_event", member, event_type="quest", now=NOON)["outcome"] == "event_claimed"


def test_a_brand_that_nobody_added_is_on(earning: Database) -> None:
    earning.run("delete from brand_keys")
    earning.run("delete from brands")
    assert earning.call("claim_event", BOB, event_type="quest", now=NOON)["outcome"] == "event_claimed"
