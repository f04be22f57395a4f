"""What a reward pays, against a model of the rule in plain decimals; and the two figures that follow the ledger."""

import json
from decimal import ROUND_HALF_UP, Decimal
from math import floor
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sql import NOON, Caller, Database, Row

BOB = Caller(user_id="1002")
DOUBLE, TRIPLE, FIVE, SEVEN, BOTH, OTHER = map(str, range(421, 427))  # roles
ALIVE, DEAD, NEW = "1101", "1102", "1103"  # members
TIERS = [
    {"days": 3, "multiplier": 1.1},
    {"days": 7, "multiplier": 1.25},
    {"days": 14, "multiplier": 1.5},
    {"days": 30, "multiplier": 2.0},
]
ROLES = ["1", "2", "3", "4"]

# The shortest text of such a float is its decimal, so both sides read the same number.
multipliers = st.integers(100, 500).map(lambda hundredths: hundredths / 100)
flats = st.integers(0, 2000).map(lambda halves: halves / 2)
bonuses = st.dictionaries(
    st.sampled_from(ROLES), st.fixed_dictionaries({}, optional={"multiplier": multipliers, "flat": flats})
)
tiers = st.lists(
    st.fixed_dictionaries({"days": st.integers(1, 40), "multiplier": multipliers}), unique_by=lambda tier: tier["days"]
)


def model(server: Row, base: Decimal, streak: int, role_ids: list[str]) -> Decimal:
    """The sentence of the rules, read literally."""
    reached = [t for t in server.get("streak", {"tiers": TIERS})["tiers"] if t["days"] <= streak]
    streak_multiplier = max(reached, key=lambda t: t["days"])["multiplier"] if reached else 1
    mine = [bonus for role, bonus in server.get("role_bonuses", {}).items() if role in role_ids]
    role_multiplier = max((b["multiplier"] for b in mine if "multiplier" in b), default=1)
    flat = max((b["flat"] for b in mine if "flat" in b), default=0)
    product = base * Decimal(str(streak_multiplier)) * Decimal(str(role_multiplier))
    return product.quantize(Decimal("0.01"), ROUND_HALF_UP) + Decimal(str(flat))


@settings(max_examples=150, deadline=None)
@given(
    server=st.fixed_dictionaries(
        {}, optional={"streak": st.fixed_dictionaries({"tiers": tiers}), "role_bonuses": bonuses}
    ),
    base=st.decimals(0, 10_000, places=4),
    streak=st.integers(0, 50),
    role_ids=st.lists(st.sampled_from(ROLES), unique=True),
)
def test_a_reward_pays_what_the_rules_say(
    connection: psycopg.Connection[dict[str, Any]], server: Row, base: Decimal, streak: int, role_ids: list[str]
) -> None:
    row = connection.execute(
        "select internal.reward(%s::jsonb, %s, %s, %s) ->> 'amount' as amount",
        [json.dumps(server), base, streak, role_ids],
    ).fetchone()
    assert row is not None
    assert Decimal(row["amount"]) == model(server, base, streak, role_ids)


@pytest.mark.parametrize(
    ("role_ids", "multiplier", "flat", "amount"),
    [
        ((), 1, 0, 10),
        ((OTHER,), 1, 0, 10),
        ((DOUBLE,), 2, 0, 20),
        ((DOUBLE, TRIPLE), 3, 0, 30),
        ((FIVE,), 1, 5, 15),
        ((FIVE, SEVEN), 1, 7, 17),
        ((DOUBLE, SEVEN), 2, 7, 27),
        ((BOTH, TRIPLE, FIVE), 3, 9, 39),
    ],
)
def test_the_highest_bonuses_count_and_do_not_stack(
    db: Database, role_ids: tuple[str, ...], multiplier: float, flat: float, amount: float
) -> None:
    db.connect_server(
        settings={
            "role_bonuses": {
                DOUBLE: {"multiplier": 2},
                TRIPLE: {"multiplier": 3.0},
                FIVE: {"flat": 5},
                SEVEN: {"flat": 7},
                BOTH: {"multiplier": 1.5, "flat": 9},
            }
        }
    )
    db.add_event()
    drop = db.add_drop()
    member = Caller(user_id="1002", interaction_id="5001", role_ids=role_ids)
    result = db.call("claim_drop", member, drop_id=drop, now=NOON)
    assert (result["role_multiplier"], result["flat"], result["amount"]) == (multiplier, flat, amount)
    db.assert_books_agree()


def test_a_drop_pays_the_live_streaks_multiplier_and_never_a_dead_ones(db: Database) -> None:
    db.connect_server()
    db.add_event()
    db.add_streak(ALIVE, 7)
    db.add_streak(DEAD, 7, last_checkin=NOON.replace(day=8))
    drop = db.add_drop()
    paid = {m: db.call("claim_drop", Caller(m).again(), drop_id=drop, now=NOON) for m in (ALIVE, DEAD, NEW)}
    assert {m: (r["streak"], r["amount"]) for m, r in paid.items()} == {
        ALIVE: (7, 12.5),
        DEAD: (0, 10),
        NEW: (0, 10),
    }


def test_a_rule_without_a_reward_pays_nothing_and_counts(db: Database) -> None:
    db.connect_server()
    db.add_event(reward=None)
    result = db.call("claim_drop", BOB, drop_id=db.add_drop(), now=NOON)
    assert (result["outcome"], result["amount"]) == ("claimed", 0)
    db.assert_books_agree()


def test_rsnc_earned_is_the_floor_of_the_exact_sum(db: Database) -> None:
    db.connect_server()
    db.add_event(reward=0.4)
    claims = [db.call("claim_drop", BOB.again(), drop_id=db.add_drop(), now=NOON) for _ in range(6)]
    assert [claim["balance"] for claim in claims] == [0.4, 0.8, 1.2, 1.6, 2.0, 2.4]
    assert db.one("select rsnc_earned, rsnc_total from discord_user_stats") == {
        "rsnc_earned": 2,
        "rsnc_total": Decimal("2.40"),
    }
    db.assert_books_agree()


def test_the_figures_follow_every_row_of_the_ledger_also_down(db: Database) -> None:
    total = Decimal(0)
    for amount in map(Decimal, ("10.75", "0.25", "-3.5", "1000000000.99", "-1000000008.5", "0.01")):
        total += amount
        row = db.one(
            "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id)"
            " values ('77', 'brand', '1002', 'quest', %s, 'reversal', '9001') returning balance_after",
            amount,
        )
        assert row["balance_after"] == total
        assert db.one("select rsnc_earned, rsnc_total from discord_user_stats") == {
            "rsnc_earned": floor(total),
            "rsnc_total": total,
        }
