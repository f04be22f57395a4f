"""claim_reactions: who stands in a list is paid once, in an order that can be computed, and never past the limit."""

import pytest

from tests.infra.supabase.api.reactors import drawn, refusals
from tests.reactions import add_reaction_drop, claim_page, members, paid_members, read_list
from tests.sql import HOUR, MINUTE, NOON, SECOND, Caller, Database, Row

ENDED: Row = {"ended_at": NOON, "end_reason": "ended"}


# --- What is paid


def test_without_a_limit_a_page_is_paid_at_once(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    told = claim_page(seeded, drop, members(100), is_last=False, after_id="20099")
    assert told == {
        "outcome": "page_taken",
        "paid": 100,
        "refused": 0,
        "unasked": [],
        "waits": False,
        "is_finished": False,
    }
    assert paid_members(seeded, drop) == members(100)
    look = seeded.one("select look, finished_at, is_super, after_id, normal_count from reaction_looks")
    assert look == {"look": 1, "finished_at": None, "is_super": False, "after_id": "20099", "normal_count": 1}
    assert claim_page(seeded, drop, ["20100"])["is_finished"]
    assert seeded.drop(drop)["claims_count"] == 101
    assert seeded.value("select count(distinct claimed_at) from discord_drop_claims") == 1
    seeded.assert_books_agree()


def test_a_payment_is_that_of_a_drop(seeded: Database) -> None:
    seeded.add_streak("1002", 7)
    drop = add_reaction_drop(seeded, reward_amount=8)
    claim_page(seeded, drop, ["1002"])
    paid = seeded.one("select source, reference, actor_id, amount, details, interaction_id from reward_ledger")
    assert (paid["source"], paid["reference"], paid["actor_id"], paid["interaction_id"]) == ("drop", drop, "1002", None)
    assert (paid["amount"], paid["details"]["streak_multiplier"]) == (10, 1.25)
    claim = seeded.one("select reward_amount, place from discord_drop_claims")
    assert claim == {"reward_amount": 10, "place": 1}


def test_a_page_that_comes_again_pays_nobody_twice(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    claim_page(seeded, drop, members(100), is_last=False)
    before = seeded.contents()
    assert claim_page(seeded, drop, members(100), is_last=False)["paid"] == 0
    assert seeded.contents() == before
    assert claim_page(seeded, drop, members(50, first=30_000))["paid"] == 50
    before = seeded.contents()
    assert claim_page(seeded, drop, members(50, first=30_000)) == {"outcome": "look_over"}
    assert seeded.contents() == before


def test_a_later_reading_pays_who_is_new_wherever_they_stand(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    assert read_list(seeded, drop, members(150)) == 150
    everybody = sorted([*members(150), "7", "20500", "19999"], key=int)
    assert read_list(seeded, drop, everybody, look=2) == 3
    assert seeded.drop(drop)["claims_count"] == 153
    seeded.assert_books_agree()


def test_a_member_who_may_not_earn_is_refused_and_the_others_are_paid(seeded: Database) -> None:
    seeded.run("insert into disabled_members values ('77', '20001', 'spam', '9001')")
    drop = add_reaction_drop(seeded)
    assert claim_page(seeded, drop, members(3))["refused"] == 1
    assert paid_members(seeded, drop) == ["20000", "20002"]
    assert refusals(seeded) == {"20001": "member_disabled"}
    assert seeded.rows("select from discord_user_stats where discord_user_id = '20001'") == []
    kept = seeded.contents("reaction_refusals")
    read_list(seeded, drop, members(3), look=2, now=NOON + MINUTE)
    assert seeded.contents("reaction_refusals") == kept  # the same: kept as it was
    seeded.run("delete from disabled_members")
    assert read_list(seeded, drop, members(3), look=3, now=NOON + HOUR) == 1
    assert refusals(seeded) == {}


def test_cooldowns_and_limits_hold(seeded: Database) -> None:
    seeded.run("update monitoring_rules set cooldown_hours = 24, max_claims_per_user = 2")
    seeded.add_event("raid", 5)
    first, second = add_reaction_drop(seeded), add_reaction_drop(seeded, message_id="98")
    read_list(seeded, first, members(2))
    read_list(seeded, second, members(3))
    assert paid_members(seeded, second) == ["20002"]
    assert refusals(seeded) == {"20000": "cooldown", "20001": "cooldown"}


@pytest.mark.parametrize("limit", [None, 90])
def test_the_total_of_an_event_is_not_exceeded(seeded: Database, limit: int | None) -> None:
    seeded.run("update monitoring_rules set max_total_claims = 70")
    drop = add_reaction_drop(seeded, max_claims=limit)
    assert read_list(seeded, drop, members(250)) == 70
    assert set(refusals(seeded).values()) == {"total_limit_reached"}
    seeded.assert_books_agree()


# --- The end


@pytest.mark.parametrize("reason", ["ended", "expired"])
def test_after_the_end_one_reading_pays(seeded: Database, reason: str) -> None:
    drop = add_reaction_drop(
        seeded, ended_at=NOON, end_reason=reason, is_own_message=True, is_settled=True, rendered_revision=1
    )
    assert claim_page(seeded, drop, members(100), is_last=False, started_at=NOON)["paid"] == 100
    assert claim_page(seeded, drop, ["30000"], started_at=NOON)["paid"] == 1
    assert claim_page(seeded, drop, ["30001"], look=2, started_at=NOON) == {"outcome": "drop_over"}
    row = seeded.drop(drop)
    assert (row["claims_count"], row["end_reason"], row["is_settled"], row["revision"]) == (101, reason, False, 3)
    (shown,) = seeded.leased_drops()
    assert shown["claims_count"] == 101
    seeded.assert_books_agree()


def test_who_comes_after_the_last_claim_is_told_so_also_after_the_end(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, max_claims=1, **ENDED)
    assert read_list(seeded, drop, members(3)) == 1
    assert list(refusals(seeded).values()) == ["drop_full"] * 2


def test_a_reading_that_began_before_the_end_is_not_the_last_one(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, **ENDED)
    assert claim_page(seeded, drop, ["20000"], started_at=NOON - SECOND)["is_finished"]
    assert claim_page(seeded, drop, ["20001"], look=2, started_at=NOON)["paid"] == 1
    assert claim_page(seeded, drop, ["20002"], look=3, started_at=NOON)["outcome"] == "drop_over"


def test_an_expired_drop_that_nobody_has_closed_pays_as_in_its_last_look(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, expires_at=NOON - SECOND)
    assert claim_page(seeded, drop, members(2))["paid"] == 2
    assert seeded.drop(drop)["ended_at"] is None


@pytest.mark.parametrize("reason", ["cancelled", "sold_out", "message_deleted", "server_left", "event_deleted"])
def test_what_ended_otherwise_pays_nobody(seeded: Database, reason: str) -> None:
    drop = add_reaction_drop(seeded, ended_at=NOON, end_reason=reason)
    before = seeded.contents()
    assert claim_page(seeded, drop, members(2)) == {"outcome": "drop_over"}
    assert seeded.contents() == before


def test_what_is_collected_pays_nobody(seeded: Database) -> None:
    drop = add_reaction_drop(seeded, **ENDED, is_collected=True)
    assert claim_page(seeded, drop, members(2)) == {"outcome": "drop_over"}


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("update brands set is_active = false", "brand_disabled"),
        ("update monitoring_rules set is_enabled = false", "event_disabled"),
    ],
)
def test_what_is_switched_off_refuses(seeded: Database, change: str, outcome: str) -> None:
    drop = add_reaction_drop(seeded)
    seeded.run(change)
    assert claim_page(seeded, drop, members(2))["refused"] == 2
    assert set(refusals(seeded).values()) == {outcome}


@pytest.mark.parametrize(
    "change",
    [
        "update discord_server_configs set is_active = false",
        "delete from monitoring_rules",
        "update discord_server_configs set brand_id = 'another'",
    ],
)
def test_what_is_gone_ends_the_drop_and_pays_nobody(seeded: Database, change: str) -> None:
    drop = add_reaction_drop(seeded)
    seeded.run(change)
    assert claim_page(seeded, drop, members(2)) == {"outcome": "drop_over"}


def test_a_drop_of_another_brand_pays_nobody(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    with seeded.without_triggers():  # its end was missed
        seeded.run("update discord_drops set brand_id = 'another'")
    for columns in ({}, {"max_claims": 5}):
        seeded.run("update discord_drops set max_claims = %s", columns.get("max_claims"))
        assert read_list(seeded, drop, members(2), look=1 + len(columns)) == 0
    assert refusals(seeded) == {}


def test_no_other_drop_is_paid_so(seeded: Database) -> None:
    for drop in (seeded.add_drop(), "00000000-0000-4000-8000-000000000000"):
        assert claim_page(seeded, drop, ["20000"]) == {"outcome": "drop_not_found"}


def test_a_click_does_not_pay_a_reaction_drop(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    told = seeded.call("claim_drop", Caller().again(), drop_id=drop, now=NOON)
    assert told == {"outcome": "drop_not_found"}


# --- Roles


@pytest.fixture
def with_bonus(seeded: Database) -> Database:
    """A server where a role doubles what members get."""
    seeded.set_settings({"role_bonuses": {"6": {"multiplier": 2}}})
    return seeded


def test_who_must_be_asked_is_told_and_the_reading_waits(with_bonus: Database) -> None:
    drop = add_reaction_drop(with_bonus)
    assert claim_page(with_bonus, drop, members(3))["unasked"] == members(3)
    told = claim_page(with_bonus, drop, members(3), roles={"20000": ["6"], "20001": []})
    assert (told["paid"], told["unasked"], told["is_finished"]) == (2, ["20002"], False)
    place = with_bonus.one("select is_super, after_id, finished_at from reaction_looks")
    assert place == {"is_super": False, "after_id": "0", "finished_at": None}
    told = claim_page(with_bonus, drop, members(3), roles={"20002": ["5"]})
    assert (told["paid"], told["unasked"], told["is_finished"]) == (1, [], True)
    rows = with_bonus.rows("select discord_user_id as id, reward_amount as amount from discord_drop_claims")
    assert {row["id"]: row["amount"] for row in rows} == {"20000": 20, "20001": 10, "20002": 10}


def test_nobody_overtakes_who_must_be_asked_where_the_number_is_limited(with_bonus: Database) -> None:
    drop = add_reaction_drop(with_bonus, max_claims=2)
    claim_page(with_bonus, drop, members(5))
    order = drawn(drop, members(5))
    assert claim_page(with_bonus, drop, [])["unasked"] == order
    told = claim_page(with_bonus, drop, [], roles={user_id: [] for user_id in (order[0], order[2], order[3])})
    assert (told["paid"], told["unasked"], told["waits"]) == (1, [order[1], order[4]], False)
    told = claim_page(with_bonus, drop, [], roles={order[1]: []})
    assert (told["paid"], told["unasked"], told["is_finished"]) == (1, [], True)
    assert paid_members(with_bonus, drop) == order[:2]


def test_who_is_refused_anyway_is_not_asked_for(with_bonus: Database) -> None:
    with_bonus.run("update monitoring_rules set max_claims_per_user = 0")
    drop = add_reaction_drop(with_bonus)
    told = claim_page(with_bonus, drop, members(2))
    assert (told["refused"], told["unasked"]) == (2, [])
