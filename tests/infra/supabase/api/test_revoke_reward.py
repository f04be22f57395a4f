"""revoke_reward: a row of the ledger is taken back once, by a row of its own, and every figure follows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from psycopg import errors

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, DAY, HOUR, NOON, Caller, Database, Row

BOB = Caller(user_id="1002")


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server with a quest; Bob has 25 of it, and there are others, here and elsewhere."""
    for server in ("77", "78"):
        db.connect_server(server)
        db.add_event("quest", 25, server_id=server, label="Quest!", claimable=True)
    for member in (BOB, Caller("1003"), Caller(BOB.user_id, "78")):
        db.call("claim_event", member.again(), event_type="quest", now=NOON - DAY)
    return db


def entry(db: Database, member: Caller = BOB) -> int:
    """The number of the newest row of a member's ledger."""
    return int(
        db.value(
            "select max(id) from reward_ledger where server_id = %s and discord_user_id = %s",
            member.server_id,
            member.user_id,
        )
    )


def revoke(db: Database, number: int | None = None, admin: Caller = ADMIN, **arguments: Any) -> Row:
    """A new /reward revoke, by default of Bob's newest row."""
    asked = {"member_id": BOB.user_id, "entry": number or entry(db), "now": NOON}
    return db.call("revoke_reward", admin.again(), **asked | arguments)


def delivery(admin: Caller, number: int, **arguments: Any) -> Callable[[Database], Row]:
    """A /reward revoke for Database.race."""
    asked = {"member_id": BOB.user_id, "entry": number, "now": NOON}
    return lambda db: db.call("revoke_reward", admin, **asked | arguments)


def total(db: Database) -> Any:
    """What Bob has."""
    return db.value("select rsnc_total from discord_user_stats where (server_id, discord_user_id) = ('77', '1002')")


def test_a_row_is_taken_back_by_a_row(seeded: Database) -> None:
    number = entry(seeded)
    assert delivery(ADMIN, number, reason="Twice")(seeded) == {
        "outcome": "reward_revoked",
        "member_id": "1002",
        "entry": number,
        "source": "claim",
        "event": "Quest!",
        "amount": 25,
        "balance": 0,
    }
    row = seeded.one("select * from reward_ledger where source = 'reversal'")
    assert (row["amount"], row["reference"], row["reason"], row["actor_id"]) == (-25, str(number), "Twice", "9001")
    assert (row["event_type"], row["brand_id"], row["balance_after"]) == ("quest", "brand", 0)
    assert (row["interaction_id"], row["created_at"], row["day"]) == ("5900", NOON, date(2026, 3, 10))
    seeded.assert_books_agree()


def test_it_is_in_the_log_with_before_and_after(seeded: Database) -> None:
    number = entry(seeded)
    revoke(seeded, reason="Twice")
    row = seeded.one("select * from discord_audit_log where action = 'reward.revoked'")
    assert (row["actor_id"], row["target_user_id"], row["brand_id"]) == ("9001", "1002", "brand")
    assert (row["before_state"]["id"], row["before_state"]["total"]) == (number, 25)
    assert (row["after_state"]["amount"], row["after_state"]["total"]) == (-25, 0)
    assert row["after_state"]["reason"] == "Twice"


def test_other_members_and_servers_are_untouched(seeded: Database) -> None:
    query = "select * from {} as t where (server_id, discord_user_id) <> ('77', '1002') order by t::text"
    tables = ("reward_ledger", "discord_user_stats", "event_claims", "member_earnings")
    before = [seeded.rows(query.format(table)) for table in tables]
    revoke(seeded)
    assert [seeded.rows(query.format(table)) for table in tables] == before
    seeded.assert_books_agree("78")


def test_what_the_row_used_up_stays_used(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = 1")
    seeded.add_streak(BOB.user_id, 7)
    drop = seeded.add_drop()
    revoke(seeded)
    assert seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON)["outcome"] == "limit_reached"
    seeded.run("update monitoring_rules set max_claims_per_user = null")
    seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)
    revoke(seeded)
    assert seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "already_claimed"
    seeded.call("claim_milestone", BOB.again(), now=NOON)
    assert revoke(seeded)["source"] == "milestone"
    assert seeded.call("claim_milestone", BOB.again(), days=7, now=NOON)["outcome"] == "milestone_taken"
    assert total(seeded) == 0
    seeded.assert_books_agree()


# What refuses ---------------------------------------------------------------------------------------------------


def test_a_row_is_taken_back_once(seeded: Database) -> None:
    number = entry(seeded)
    revoke(seeded)
    assert revoke(seeded, number, replace(ADMIN, user_id="9002"), now=NOON + HOUR) == {
        "outcome": "already_revoked",
        "entry": number,
        "amount": 25,
        "revoked_at": "2026-03-10T12:00:00+00:00",
        "actor_id": "9001",
    }
    assert total(seeded) == 0


def test_a_reversal_is_not_taken_back(seeded: Database) -> None:
    revoke(seeded)
    number = entry(seeded)
    assert revoke(seeded) == {"outcome": "entry_is_reversal", "entry": number}


@pytest.mark.parametrize("whose", [Caller("1003"), Caller("1002", "78")])
def test_only_rows_of_that_member_and_this_server(seeded: Database, whose: Caller) -> None:
    number, before = entry(seeded, whose), seeded.contents()
    assert revoke(seeded, number) == {"outcome": "entry_not_found", "entry": number, "member_id": "1002"}
    assert revoke(seeded, 10**17)["outcome"] == "entry_not_found"
    assert seeded.contents() == before


def test_a_total_falls_below_zero_only_when_it_is_said(seeded: Database) -> None:
    number = entry(seeded)
    seeded.add_reward(-5.5, NOON, source="grant")
    before = seeded.contents()
    refused = revoke(seeded, number)
    assert refused == {"outcome": "balance_too_low", "member_id": "1002", "amount": 25, "total": 19.5}
    assert seeded.contents() == before
    assert revoke(seeded, number, allow_negative=True)["balance"] == -5.5
    assert seeded.value("select rsnc_earned from discord_user_stats where rsnc_total < 0") == -6


def test_what_took_something_away_can_be_taken_back(seeded: Database) -> None:
    seeded.add_reward(-40, NOON, source="grant")
    assert revoke(seeded)["balance"] == 25


def test_a_server_that_is_not_connected(seeded: Database) -> None:
    number = entry(seeded)
    seeded.run("update discord_server_configs set is_active = false")
    assert revoke(seeded, number) == {"outcome": "server_not_connected"}


# At the same moment, and again ----------------------------------------------------------------------------------


def test_of_twenty_admins_at_once_one_takes_it_back(seeded: Database) -> None:
    number = entry(seeded)
    results = seeded.race([delivery(replace(ADMIN, interaction_id=str(n)), number) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == [*["already_revoked"] * 19, "reward_revoked"]
    assert total(seeded) == 0
    seeded.assert_books_agree()


def test_two_rows_at_once_do_not_bring_the_total_below_zero(seeded: Database) -> None:
    first = entry(seeded)
    seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON)
    second = entry(seeded)
    seeded.add_reward(-20, NOON, source="grant")
    numbers = [first, second] * 10
    results = seeded.race([delivery(replace(ADMIN, interaction_id=str(n)), row) for n, row in enumerate(numbers)])
    assert [r["outcome"] for r in results].count("reward_revoked") == 1
    assert total(seeded) == 5


def test_what_the_member_earns_meanwhile_is_kept(seeded: Database) -> None:
    revoked = [delivery(replace(ADMIN, interaction_id=f"71{n}"), entry(seeded)) for n in range(5)]
    claims = [replace(BOB, interaction_id=f"72{n}") for n in range(15)]
    clicks = [lambda db, by=by: db.call("claim_event", by, event_type="quest", now=NOON) for by in claims]
    outcomes = [r["outcome"] for r in seeded.race([*clicks[:7], *revoked, *clicks[7:]])]
    assert (outcomes.count("event_claimed"), outcomes.count("reward_revoked")) == (15, 1)
    assert total(seeded) == 15 * 25
    seeded.assert_books_agree()


def test_one_delivered_twenty_times_at_once_gets_one_answer(seeded: Database) -> None:
    answers = seeded.race([delivery(ADMIN, entry(seeded))] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "reward_revoked"
    assert seeded.value("select count(*) from discord_audit_log where action = 'reward.revoked'") == 1
    seeded.assert_books_agree()


def test_a_redelivery_gets_the_same_answer_whatever_has_changed(seeded: Database) -> None:
    number = entry(seeded)
    first = delivery(ADMIN, number)(seeded)
    seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON)
    seeded.run("update monitoring_rules set label = 'Other'")
    assert delivery(ADMIN, number, now=NOON + DAY)(seeded) == first
    seeded.run("update discord_server_configs set is_active = false")
    assert delivery(ADMIN, number)(seeded) == first


# The ledger itself ----------------------------------------------------------------------------------------------


def test_the_ledger_takes_no_second_reversal_of_a_row(seeded: Database) -> None:
    number = str(entry(seeded))
    seeded.add_reward(-25, NOON, source="reversal", reference=number)
    with pytest.raises(errors.UniqueViolation) as caught:
        seeded.add_reward(-25, NOON, source="reversal", reference=number)
    assert caught.value.diag.constraint_name == "ledger_reverses_a_row_once"
    seeded.assert_books_agree()


def test_a_reversal_that_another_program_repeats_moves_nothing(seeded: Database) -> None:
    query = (
        "insert into reward_ledger"
        " (server_id, brand_id, discord_user_id, event_type, amount, source, reference, actor_id)"
        " values ('77', 'brand', '1002', 'quest', -25, 'reversal', %s, '1') on conflict do nothing"
    )
    number = str(entry(seeded))
    assert [seeded.run(query, number) for _ in range(3)] == [1, 0, 0]
    assert total(seeded) == 0
    seeded.assert_books_agree()


def test_on_a_database_that_stops_at_007_it_holds_as_well(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "008"])
    database.reload_functions(old.url)
    old.connect_server()
    old.add_event("quest", 25)
    given = {"member_id": "1002", "event_type": "quest", "role_ids": (), "now": NOON}
    assert old.call("give_reward", ADMIN.again(), **given)["outcome"] == "reward_given"
    number = entry(old)
    assert old.call("list_revocable", ADMIN, member_id="1002")["entries"][0]["entry"] == number
    results = old.race([delivery(replace(ADMIN, interaction_id=str(n)), number) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == [*["already_revoked"] * 19, "reward_revoked"]
    assert old.call("disable_member", ADMIN.again(), member_id="1002", reason="spam")["outcome"] == "member_is_disabled"
    assert old.call("get_member", ADMIN, member_id="1002")["last"]["amount"] == -25
    assert old.call("enable_member", ADMIN.again(), member_id="1002")["outcome"] == "member_is_enabled"
    old.assert_books_agree()
