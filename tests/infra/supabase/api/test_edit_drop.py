"""edit_drop: what is given changes, what is left out stays, and the message follows."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.sql import ADMIN, BOB, CAROL, DAY, HOUR, MINUTE, NOON, SECOND, Caller, Database, Row

MADE: Row = {"expires_at": NOON + HOUR, "max_claims": 5, "label": "Grab", "description": "Quick!"}


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"lifespan_seconds": 7200}, {"expires_at": NOON + 2 * HOUR}),
        ({"lifespan_seconds": 1}, {"expires_at": NOON + SECOND}),
        ({"lifespan_seconds": -1}, {"expires_at": None}),
        ({"max_claims": 100}, {"max_claims": 100}),
        ({"max_claims": -1}, {"max_claims": None}),
        ({"label": "Take"}, {"label": "Take"}),
        ({"description": "Slow."}, {"description": "Slow."}),
        (
            {"lifespan_seconds": 60, "max_claims": 2, "label": "A", "description": "B"},
            {"expires_at": NOON + MINUTE, "max_claims": 2, "label": "A", "description": "B"},
        ),
    ],
)
def test_what_is_given_changes_and_what_is_left_out_stays(seeded: Database, given: Row, changed: Row) -> None:
    drop = seeded.add_drop(**MADE)
    for columns in (MADE, MADE | {"server_id": "78"}, {"ended_at": NOON, "end_reason": "ended"}):
        seeded.add_drop(**columns)
    before, was = seeded.contents(), seeded.drop(drop)
    result = seeded.call("edit_drop", ADMIN, drop_id=drop, **given, now=NOON)
    assert (result["outcome"], result["message"]) == ("drop_edited", "yours")
    now = {"revision": was["revision"] + 1, "render_after": NOON + 30 * SECOND}
    assert seeded.drop(drop) == was | changed | now
    after = seeded.contents()
    assert {name for name in before if before[name] != after[name]} == {"discord_drops", "discord_audit_log"}
    assert sum(row not in before["discord_drops"] for row in after["discord_drops"]) == 1
    audit = seeded.one("select * from discord_audit_log where action = 'drop.edited'")
    assert (audit["actor_id"], audit["after_state"]) == ("9001", result["drop"])
    assert audit["before_state"]["label"] == "Grab"


@pytest.mark.parametrize(
    "given", [{}, {"label": "Grab"}, {"max_claims": 5, "description": "Quick!"}, {"lifespan_seconds": 3600}]
)
def test_what_changes_nothing_is_not_told(seeded: Database, given: Row) -> None:
    drop = seeded.add_drop(**MADE)
    before = seeded.contents()
    result = seeded.call("edit_drop", ADMIN, drop_id=drop, **given, now=NOON)
    assert (result["outcome"], result["drop"]["label"]) == ("drop_unchanged", "Grab")
    assert seeded.contents() == before


def test_a_limit_below_what_is_claimed_says_how_many_are(seeded: Database) -> None:
    drop = seeded.add_drop(**MADE | {"claims_count": 3})
    before = seeded.contents()
    result = seeded.call("edit_drop", ADMIN, drop_id=drop, max_claims=2, label="New", now=NOON)
    assert (result["outcome"], result["max_claims"], result["drop"]["claims_count"]) == ("max_claims_too_low", 2, 3)
    assert seeded.contents() == before


def test_a_limit_of_just_what_is_claimed_ends_the_drop(seeded: Database) -> None:
    drop = seeded.add_drop(**MADE)
    seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    result = seeded.call("edit_drop", ADMIN, drop_id=drop, max_claims=1, now=NOON)
    assert (result["outcome"], result["drop"]["end_reason"]) == ("drop_edited", "sold_out")
    row = seeded.drop(drop)
    assert (row["ended_at"], row["is_settled"], row["revision"]) == (NOON, False, result["drop"]["revision"])
    assert seeded.call("claim_drop", CAROL, drop_id=drop, now=NOON)["outcome"] == "drop_full"
    seeded.assert_books_agree()


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"expires_at": NOON - SECOND}, "expired"),
        ({"max_claims": 3, "claims_count": 3}, "sold_out"),
        ({"ended_at": NOON - HOUR, "end_reason": "cancelled"}, "cancelled"),
    ],
)
def test_a_drop_that_is_over_comes_not_back(seeded: Database, columns: Row, reason: str) -> None:
    drop = seeded.add_drop(**columns)
    before = seeded.contents()
    result = seeded.call("edit_drop", ADMIN, drop_id=drop, lifespan_seconds=3600, max_claims=-1, now=NOON)
    assert (result["outcome"], result["drop"]["end_reason"]) == ("drop_over", reason)
    assert result["ended_at"] is not None
    assert seeded.contents() == before


def test_a_drop_of_another_server_is_unknown(seeded: Database) -> None:
    seeded.connect_server("78")
    foreign = seeded.add_drop(server_id="78")
    before = seeded.contents()
    for drop in (foreign, str(uuid4())):
        assert seeded.call("edit_drop", ADMIN, drop_id=drop, label="Mine", now=NOON) == {"outcome": "drop_unknown"}
    assert seeded.contents() == before


def test_who_may_not_and_who_is_not_connected_change_nothing(seeded: Database) -> None:
    drop = seeded.add_drop()
    before = seeded.contents()
    member = Caller(required_level=3, interaction_id="1")
    assert seeded.call("edit_drop", member, drop_id=drop, label="Mine", now=NOON)["outcome"] == "not_allowed"
    assert seeded.contents() == before
    seeded.run("update discord_server_configs set is_active = false")
    assert seeded.call("edit_drop", ADMIN, drop_id=drop, label="Mine", now=NOON) == {"outcome": "server_not_connected"}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"render_after": NOON + MINUTE}, "later"),
        ({"render_after": NOON + HOUR}, "yours"),
        ({"message_id": None, "render_after": NOON + 30 * SECOND}, "later"),  # it is being posted
        ({"drop_type": "reaction"}, "shown"),
    ],
)
def test_one_at_a_time_edits_the_message(seeded: Database, columns: Row, message: str) -> None:
    drop = seeded.add_drop(**columns)
    assert seeded.call("edit_drop", ADMIN, drop_id=drop, max_claims=50, now=NOON)["message"] == message


# --- Once, whoever does it how often


def test_a_redelivery_gets_the_same_answer_and_undoes_nothing(seeded: Database) -> None:
    drop = seeded.add_drop()
    first = seeded.call("edit_drop", ADMIN, drop_id=drop, label="One", lifespan_seconds=60, now=NOON)
    seeded.call("edit_drop", ADMIN.again(), drop_id=drop, label="Two", now=NOON)
    before = seeded.contents()
    again = seeded.call("edit_drop", ADMIN, drop_id=drop, label="One", lifespan_seconds=60, now=NOON + SECOND)
    assert again == first | {"message": "later"}
    seeded.call("mark_drops_rendered", rendered=[first["drop"]], now=NOON + 30 * SECOND)
    assert seeded.call("edit_drop", ADMIN, drop_id=drop, label="One", now=NOON + DAY) == first | {"message": "shown"}
    assert seeded.contents("discord_audit_log") == {"discord_audit_log": before["discord_audit_log"]}
    assert seeded.drop(drop)["label"] == "Two"


def test_one_command_delivered_twenty_times_at_once_edits_once(seeded: Database) -> None:
    drop = seeded.add_drop()
    answers = seeded.race([lambda db: db.call("edit_drop", ADMIN, drop_id=drop, label="New", now=NOON)] * 20)
    assert sorted(answer.pop("message") for answer in answers) == ["later"] * 19 + ["yours"]
    assert all(answer == answers[0] for answer in answers)
    assert seeded.value("select count(*) from discord_audit_log where action = 'drop.edited'") == 1


def test_of_two_admins_at_once_the_second_leaves_the_message_to_the_schedule(seeded: Database) -> None:
    drop = seeded.add_drop()
    first = seeded.call("edit_drop", ADMIN, drop_id=drop, label="One", now=NOON)
    second = seeded.call("end_drop", ADMIN.again(), drop_id=drop, now=NOON)
    assert (first["message"], second["message"]) == ("yours", "later")
    seeded.call("mark_drops_rendered", rendered=[first["drop"]], now=NOON + SECOND)
    (shown,) = seeded.call("expire_drops", now=NOON + SECOND)["drops"]
    assert shown == second["drop"]


def test_claims_at_the_same_moment_never_exceed_a_limit_that_falls(seeded: Database) -> None:
    drop = seeded.add_drop()
    members = [Caller(user_id=str(n), interaction_id=str(n)) for n in range(100, 139)]

    def click(member: Caller) -> Callable[[Database], Row]:
        return lambda db: db.call("claim_drop", member, drop_id=drop, now=NOON)

    calls = [click(member) for member in members]
    calls.insert(5, lambda db: db.call("edit_drop", ADMIN, drop_id=drop, max_claims=12, now=NOON))
    results = seeded.race(calls)
    outcomes = [result["outcome"] for result in results]
    seeded.leased_drops()  # counts what a crowd has claimed, if the drop is still open
    row = seeded.drop(drop)
    assert row["claims_count"] == outcomes.count("claimed")
    if "drop_edited" in outcomes:
        assert (row["claims_count"], row["end_reason"]) == (12, "sold_out")
    else:
        assert "max_claims_too_low" in outcomes
    seeded.assert_books_agree()


@pytest.mark.parametrize(
    ("is_own", "given", "field"),
    [
        (True, {"label": "Grab"}, "label"),
        (False, {"label": "Grab", "max_claims": 3}, "label"),
        (False, {"description": "Quick!"}, "description"),
    ],
)
def test_what_a_reaction_drop_does_not_show_is_named(seeded: Database, is_own: bool, given: Row, field: str) -> None:
    drop = seeded.add_drop(drop_type="reaction", emoji="🎉", is_own_message=is_own)
    before = seeded.contents()
    result = seeded.call("edit_drop", ADMIN, drop_id=drop, **given, now=NOON)
    assert (result["outcome"], result["field"], result["drop"]["drop_id"]) == ("field_not_shown", field, drop)
    assert seeded.contents() == before


@pytest.mark.parametrize("is_own", [True, False])
def test_a_reaction_drop_is_changed_as_any_other(seeded: Database, is_own: bool) -> None:
    drop = seeded.add_drop(drop_type="reaction", emoji="🎉", is_own_message=is_own, claims_count=2)
    given: Row = {"max_claims": 3, "lifespan_seconds": 60} | ({"description": "Quick!"} if is_own else {})
    result = seeded.call("edit_drop", ADMIN, drop_id=drop, **given, now=NOON)
    assert (result["outcome"], result["message"]) == ("drop_edited", "yours" if is_own else "shown")
    row = seeded.drop(drop)
    assert (row["max_claims"], row["expires_at"], row["claims_count"]) == (3, NOON + MINUTE, 2)
    full = seeded.call("edit_drop", ADMIN.again(), drop_id=drop, max_claims=2, now=NOON)
    assert full["drop"]["end_reason"] == "sold_out"
