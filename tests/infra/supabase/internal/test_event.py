"""What an event is called, wherever a member or an admin reads of it."""

import pytest

from tests.sql import ADMIN, BOB, CAROL, DAY, NOON, Database

NAMES = [(None, "quest"), ("", "quest"), ("Quest!", "Quest!")]


@pytest.fixture(params=NAMES, ids=["no label", "empty label", "label"])
def named(db: Database, request: pytest.FixtureRequest) -> tuple[Database, str]:
    """A server with an event that one member can take once, two together, and what it is called."""
    label, name = request.param
    db.connect_server()
    db.add_event("quest", 10, claimable=True, label=label, cooldown_hours=1, max_claims_per_user=1, max_total_claims=2)
    return db, name


def test_a_claim_and_each_of_its_refusals_name_it(named: tuple[Database, str]) -> None:
    db, name = named
    claim = {"event_type": "quest"}
    told = [
        db.call("claim_event", BOB, **claim, now=NOON),
        db.call("claim_event", BOB.again(), **claim, now=NOON),
        db.call("claim_event", BOB.again(), **claim, now=NOON + DAY),
        db.call("give_reward", ADMIN, member_id=CAROL.user_id, role_ids=(), **claim, now=NOON),
    ]
    db.run("update monitoring_rules set max_claims_per_user = null")
    told.append(db.call("claim_event", BOB.again(), **claim, now=NOON + DAY))
    db.run("update monitoring_rules set claimable = false")
    told.append(db.call("claim_event", BOB.again(), **claim, now=NOON + DAY))
    db.run("update monitoring_rules set is_enabled = false, claimable = true")
    told.append(db.call("claim_event", BOB.again(), **claim, now=NOON + DAY))
    told.append(db.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", now=NOON))
    assert [(each["outcome"], each["event"]) for each in told] == [
        ("event_claimed", name),
        ("cooldown", name),
        ("limit_reached", name),
        ("reward_given", name),
        ("total_limit_reached", name),
        ("event_not_claimable", name),
        ("event_disabled", name),
        ("event_disabled", name),
    ]


def test_the_ledger_and_what_is_taken_back_name_it(named: tuple[Database, str]) -> None:
    db, name = named
    db.call("claim_event", BOB, event_type="quest", now=NOON)
    (entry,) = db.call("list_revocable", ADMIN, member_id=BOB.user_id, now=NOON)["entries"]
    assert entry["event"] == name
    revoked = db.call("revoke_reward", ADMIN, member_id=BOB.user_id, entry=entry["entry"], now=NOON)
    assert (revoked["outcome"], revoked["event"]) == ("reward_revoked", name)


def test_an_event_that_is_gone_is_called_by_its_type(named: tuple[Database, str]) -> None:
    db, _ = named
    db.call("claim_event", BOB, event_type="quest", now=NOON)
    db.run("delete from monitoring_rules")
    assert [entry["event"] for entry in db.call("get_history", BOB)["entries"]] == ["quest"]


@pytest.mark.parametrize(("label", "name"), [(None, "welcome_bonus"), ("", "welcome_bonus"), ("Hello!", "Hello!")])
def test_the_welcome_bonus_that_was_had_is_named(db: Database, label: str | None, name: str) -> None:
    db.connect_server()
    db.add_event("welcome_bonus", 50, label=label)
    db.call("claim_welcome_bonus", BOB, now=NOON)
    given = db.call("give_reward", ADMIN, member_id=BOB.user_id, event_type="welcome_bonus", role_ids=(), now=NOON)
    assert (given["outcome"], given["event"]) == ("limit_reached", name)
