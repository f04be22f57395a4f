"""end_drop and cancel_drop: a drop is over from then on, what was paid stays paid, and the answer never changes."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.sql import ADMIN, BOB, CAROL, DAY, HOUR, MINUTE, NOON, SECOND, Caller, Database, Row

# The function: its outcome, how the drop ends, the action in the audit log.
ENDINGS = {
    "end_drop": ("drop_closed", "ended", "drop.ended"),
    "cancel_drop": ("drop_cancelled", "cancelled", "drop.cancelled"),
}
OVER: dict[str, Row] = {
    "expired": {"expires_at": NOON - HOUR, "ended_at": NOON - HOUR, "end_reason": "expired"},
    "expired just now": {"expires_at": NOON},
    "sold_out": {"max_claims": 3, "claims_count": 3, "ended_at": NOON - HOUR, "end_reason": "sold_out"},
    "ended": {"ended_at": NOON - HOUR, "end_reason": "ended"},
    "cancelled": {"ended_at": NOON - HOUR, "end_reason": "cancelled"},
    "message_deleted": {"ended_at": NOON - HOUR, "end_reason": "message_deleted"},
    "not_posted": {"ended_at": NOON - HOUR, "end_reason": "not_posted", "message_id": None},
}


@pytest.fixture(params=ENDINGS)
def function(request: pytest.FixtureRequest) -> str:
    """One of the two functions."""
    return str(request.param)


def test_the_drop_is_over_and_nothing_else_has_changed(seeded: Database, function: str) -> None:
    outcome, reason, action = ENDINGS[function]
    drop = seeded.add_drop(max_claims=5)
    for columns in ({}, {"server_id": "78"}, *OVER.values()):
        seeded.add_drop(**columns)
    for member in (BOB, CAROL):
        seeded.call("claim_drop", member, drop_id=drop, now=NOON)
    before, was = seeded.contents(), seeded.drop(drop)
    result = seeded.call(function, ADMIN, drop_id=drop, now=NOON)
    assert (result["outcome"], result["message"]) == (outcome, "yours")
    assert result["paid"] == {"claims": 2, "amount": 20}
    assert (result["drop"]["end_reason"], result["drop"]["claims_count"]) == (reason, 2)
    assert seeded.drop(drop) == was | {
        "ended_at": NOON,
        "end_reason": reason,
        "revision": was["revision"] + 1,
        "render_after": NOON + 30 * SECOND,
    }
    after = seeded.contents()
    assert {name for name in before if before[name] != after[name]} == {"discord_drops", "discord_audit_log"}
    assert [row for row in after["discord_drops"] if str(row["drop_id"]) != drop] == [
        row for row in before["discord_drops"] if str(row["drop_id"]) != drop
    ]
    audit = seeded.one("select * from discord_audit_log where action = %s", action)
    assert (audit["server_id"], audit["brand_id"], audit["actor_id"]) == ("77", "brand", "9001")
    assert (audit["actor_type"], audit["interaction_id"]) == ("admin", ADMIN.interaction_id)
    assert (audit["before_state"]["end_reason"], audit["after_state"]) == (None, result["drop"])


def test_nobody_is_paid_after_it(seeded: Database, function: str) -> None:
    drop = seeded.add_drop()
    seeded.call(function, ADMIN, drop_id=drop, now=NOON)
    assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)["outcome"] == "drop_ended"
    assert seeded.rows("select from reward_ledger") == []


@pytest.mark.parametrize("state", OVER)
def test_a_drop_that_is_over_says_how_and_when(seeded: Database, function: str, state: str) -> None:
    drop = seeded.add_drop(**OVER[state])
    before = seeded.contents()
    result = seeded.call(function, ADMIN, drop_id=drop, now=NOON)
    assert (result["outcome"], result["drop"]["end_reason"]) == ("drop_over", state.split(maxsplit=1)[0])
    expected = NOON if state == "expired just now" else NOON - HOUR
    assert result["ended_at"] == expected.isoformat()
    assert seeded.contents() == before


def test_a_drop_of_another_server_is_unknown(seeded: Database, function: str) -> None:
    seeded.connect_server("78")
    foreign = seeded.add_drop(server_id="78")
    before = seeded.contents()
    for drop in (foreign, str(uuid4())):
        assert seeded.call(function, ADMIN, drop_id=drop, now=NOON) == {"outcome": "drop_unknown"}
    assert seeded.contents() == before


def test_a_server_that_is_not_connected(seeded: Database, function: str) -> None:
    seeded.run("update discord_server_configs set is_active = false")
    drop = seeded.add_drop()
    assert seeded.call(function, ADMIN, drop_id=drop, now=NOON) == {"outcome": "server_not_connected"}
    assert seeded.drop(drop)["ended_at"] is None


def test_who_may_not_changes_nothing(seeded: Database, function: str) -> None:
    drop = seeded.add_drop()
    before = seeded.contents()
    member = Caller(required_level=3, interaction_id="1")
    assert seeded.call(function, member, drop_id=drop, now=NOON)["outcome"] == "not_allowed"
    assert seeded.contents() == before


# --- Once, whoever does it how often


def test_a_redelivery_gets_the_same_answer(seeded: Database, function: str) -> None:
    drop = seeded.add_drop()
    seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    first = seeded.call(function, ADMIN, drop_id=drop, now=NOON)
    before = seeded.contents()
    assert seeded.call(function, ADMIN, drop_id=drop, now=NOON + HOUR) == first | {"message": "later"}
    assert seeded.contents() == before
    seeded.call("mark_drops_rendered", rendered=[first["drop"]], now=NOON)
    seeded.run("delete from monitoring_rules")
    assert seeded.call(function, ADMIN, drop_id=drop, now=NOON + DAY) == first | {"message": "shown"}


def test_one_command_delivered_twenty_times_at_once_gets_one_answer(seeded: Database, function: str) -> None:
    drop = seeded.add_drop()
    answers = seeded.race([lambda db: db.call(function, ADMIN, drop_id=drop, now=NOON)] * 20)
    assert sorted(answer.pop("message") for answer in answers) == ["later"] * 19 + ["yours"]
    assert all(answer == answers[0] for answer in answers)
    assert seeded.value("select count(*) from discord_audit_log where action = %s", ENDINGS[function][2]) == 1


def test_of_twenty_admins_at_once_one_ends_it(seeded: Database) -> None:
    drop = seeded.add_drop()
    calls: list[Callable[[Database], Row]] = [
        lambda db: db.call("end_drop", ADMIN.again(), drop_id=drop, now=NOON),
        lambda db: db.call("cancel_drop", ADMIN.again(), drop_id=drop, now=NOON),
    ]
    outcomes = [result["outcome"] for result in seeded.race(calls * 10)]
    assert outcomes.count("drop_over") == 19
    assert len(set(outcomes) & {"drop_closed", "drop_cancelled"}) == 1
    assert seeded.value("select count(*) from discord_audit_log where action like 'drop.%%'") == 1


def test_a_claim_at_the_same_moment_is_paid_and_counted_or_neither(seeded: Database, function: str) -> None:
    drop = seeded.add_drop(max_claims=100)
    members = [Caller(user_id=str(n), interaction_id=str(n)) for n in range(100, 139)]

    def click(member: Caller) -> Callable[[Database], Row]:
        return lambda db: db.call("claim_drop", member, drop_id=drop, now=NOON)

    calls = [click(member) for member in members]
    calls.insert(10, lambda db: db.call(function, ADMIN, drop_id=drop, now=NOON))
    results = seeded.race(calls)
    (ended,) = (result for result in results if "paid" in result)
    claimed = [result for result in results if result["outcome"] == "claimed"]
    assert {result["outcome"] for result in results} <= {"claimed", "drop_ended", ENDINGS[function][0]}
    assert ended["paid"] == {"claims": len(claimed), "amount": 10 * len(claimed)}
    assert seeded.drop(drop)["claims_count"] == ended["drop"]["claims_count"] == len(claimed)
    seeded.assert_books_agree()


# --- Its message


@pytest.mark.parametrize(
    ("columns", "message", "is_settled"),
    [
        ({}, "yours", False),
        ({"render_after": NOON}, "yours", False),
        ({"render_after": NOON + 2 * MINUTE}, "later", False),  # somebody edits it at this moment
        ({"render_after": NOON + HOUR, "render_attempts": 7}, "yours", False),  # put off after failures
        ({"message_id": None}, "shown", True),
        ({"message_id": None, "render_after": NOON + 30 * SECOND}, "shown", True),
        ({"channel_id": None}, "shown", True),
        ({"drop_type": "reaction"}, "shown", True),
    ],
)
def test_one_at_a_time_edits_the_message(
    seeded: Database, function: str, columns: Row, message: str, is_settled: bool
) -> None:
    drop = seeded.add_drop(**columns)
    was = seeded.drop(drop)
    assert seeded.call(function, ADMIN, drop_id=drop, now=NOON)["message"] == message
    row = seeded.drop(drop)
    assert row["is_settled"] is is_settled
    assert row["render_after"] == (NOON + 30 * SECOND if message == "yours" else was["render_after"])


def test_the_schedule_shows_the_end_where_the_command_did_not(seeded: Database, function: str) -> None:
    drop = seeded.call(function, ADMIN, drop_id=seeded.add_drop(), now=NOON)["drop"]
    assert seeded.leased_drops(NOON + 29 * SECOND) == []
    assert seeded.leased_drops(NOON + 30 * SECOND) == [drop]
    seeded.call("mark_drops_rendered", rendered=[drop], now=NOON)
    assert seeded.drop(drop["drop_id"])["is_settled"] is True
    assert seeded.leased_drops(NOON + HOUR) == []


def test_the_schedule_has_nothing_to_do_where_the_command_did(seeded: Database, function: str) -> None:
    drop = seeded.call(function, ADMIN, drop_id=seeded.add_drop(), now=NOON)["drop"]
    seeded.call("mark_drops_rendered", rendered=[drop], now=NOON)
    assert seeded.leased_drops(NOON + HOUR) == []


def test_a_drop_that_ends_while_it_is_being_posted_still_shows_its_end(seeded: Database, function: str) -> None:
    drop = seeded.add_drop(message_id=None, render_after=NOON + 30 * SECOND)
    seeded.call(function, ADMIN, drop_id=drop, now=NOON)
    assert seeded.leased_drops(NOON + HOUR) == []  # it has no message, and gets none
    posted = {"drop_id": drop, "revision": 1, "message_id": "99"}
    seeded.call("mark_drops_rendered", rendered=[posted], now=NOON + SECOND)
    assert [each["end_reason"] for each in seeded.leased_drops(NOON + MINUTE)] == [ENDINGS[function][1]]


@pytest.mark.parametrize(("is_own", "message"), [(True, "yours"), (False, "shown")])
def test_a_drop_for_reactions_ends_as_any_other(seeded: Database, function: str, is_own: bool, message: str) -> None:
    outcome, reason, _ = ENDINGS[function]
    drop = seeded.add_drop(drop_type="reaction", emoji="🎉", is_own_message=is_own)
    result = seeded.call(function, ADMIN, drop_id=drop, now=NOON)
    assert (result["outcome"], result["message"], result["drop"]["emoji"]) == (outcome, message, "🎉")
    row = seeded.drop(drop)
    assert (row["end_reason"], row["is_settled"], row["is_collected"]) == (reason, not is_own, False)
