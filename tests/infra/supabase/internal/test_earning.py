"""internal.check_earning through the functions that ask it: each refusal, their order, and that nothing is cached."""

from itertools import combinations
from uuid import uuid4

import pytest

from tests.infra.conftest import Rest
from tests.infra.supabase.internal.problems import PROBLEMS, claim, earned, rule
from tests.sql import BOB, HOUR, NOON, Caller, Database, Row

CHECK_IN_PROBLEMS = {name: problem for name, problem in PROBLEMS.items() if name != "cooldown"}  # it takes none
IN_ORDER = list(PROBLEMS.items())
CLAIM_PROBLEMS = dict([*IN_ORDER[:3], ("event_not_claimable", rule("claimable", False)), *IN_ORDER[3:]])


# Whoever had the welcome bonus hears that in place of its cooldown and limits; here they are met without having had it.
WELCOME_PROBLEMS = dict(IN_ORDER[:10]) | {
    "already_welcomed": earned("cooldown_hours", 2),
    "limit_reached": rule("max_claims_per_user", 0),
    "total_limit_reached": rule("max_total_claims", 0),
}
PROBLEMS_OF = {
    "claim_drop": PROBLEMS,
    "check_in": CHECK_IN_PROBLEMS,
    "claim_event": CLAIM_PROBLEMS,
    "claim_welcome_bonus": WELCOME_PROBLEMS,
}
DROP_PROBLEMS: dict[str, Row] = {
    "drop_ended": {"ended_at": NOON - HOUR, "end_reason": "ended"},
    "drop_expired": {"expires_at": NOON},
    "drop_full": {"max_claims": 3, "claims_count": 3},
}


def refusal(db: Database, function: str, member: Caller) -> str:
    """How a function that pays refuses; nothing may have changed."""
    arguments: dict[str, Row] = {"claim_drop": {"drop_id": db.add_drop()}, "claim_event": {"event_type": "quest"}}
    before = db.contents()
    result = db.call(function, member, **arguments.get(function, {}), now=NOON)
    assert db.contents() == before
    outcome: str = result["outcome"]
    return outcome


@pytest.mark.parametrize(
    ("function", "problem"), [(function, problem) for function, known in PROBLEMS_OF.items() for problem in known]
)
def test_each_refusal(earnable: Database, function: str, problem: str) -> None:
    member = PROBLEMS_OF[function][problem](earnable)
    assert refusal(earnable, function, member) == problem


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [(function, *pair) for function, known in PROBLEMS_OF.items() for pair in combinations(known, 2)],
)
def test_of_two_problems_the_first_is_told(earnable: Database, function: str, first: str, second: str) -> None:
    member = PROBLEMS_OF[function][second](earnable)
    member = PROBLEMS_OF[function][first](earnable, member)
    assert refusal(earnable, function, member) == first


@pytest.mark.parametrize("function", PROBLEMS_OF)
def test_all_problems_at_once(earnable: Database, function: str) -> None:
    member = BOB
    for problem in reversed(PROBLEMS_OF[function].values()):
        member = problem(earnable, member)
    assert refusal(earnable, function, member) == "server_not_connected"


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("drop_problem", DROP_PROBLEMS)
def test_what_is_wrong_with_the_drop_is_told_first(earnable: Database, drop_problem: str, problem: str) -> None:
    drop = earnable.add_drop(**DROP_PROBLEMS[drop_problem])
    member = PROBLEMS[problem](earnable)
    assert claim(earnable, drop, member)["outcome"] == drop_problem


@pytest.mark.parametrize("problem", PROBLEMS)
def test_no_drop_and_a_claimed_one_are_told_first(earnable: Database, problem: str) -> None:
    drop = earnable.add_drop()
    claim(earnable, drop)
    member = PROBLEMS[problem](earnable)
    assert claim(earnable, str(uuid4()), member)["outcome"] == "drop_not_found"
    ends_drops = problem in ("server_not_connected", "event_not_found")
    assert claim(earnable, drop, member)["outcome"] == ("drop_ended" if ends_drops else "already_claimed")


@pytest.mark.parametrize(("first", "second"), list(combinations(DROP_PROBLEMS, 2)))
def test_of_two_problems_of_a_drop_the_first_is_told(earnable: Database, first: str, second: str) -> None:
    drop = earnable.add_drop(**DROP_PROBLEMS[second] | DROP_PROBLEMS[first])
    assert claim(earnable, drop)["outcome"] == first


@pytest.mark.parametrize("drop_problem", DROP_PROBLEMS)
def test_a_drop_that_is_over_is_told_before_ones_own_claim(earnable: Database, drop_problem: str) -> None:
    drop = earnable.add_drop()
    claim(earnable, drop)
    columns = DROP_PROBLEMS[drop_problem]
    changes = ", ".join(f"{name} = %s" for name in columns)
    earnable.run(f"update discord_drops set {changes}", *columns.values())
    assert claim(earnable, drop)["outcome"] == drop_problem


# What each refusal says besides ---------------------------------------------------------------------------------


def test_every_refusal_says_what_its_sentence_needs(earnable: Database) -> None:
    earnable.run("update monitoring_rules set label = 'Quest!' where event_type = 'quest'")
    expected: dict[str, Row] = {
        "event_not_found": {"event": "quest"},
        "event_disabled": {"event": "Quest!"},
        "member_disabled": {"reason": "spam"},
        "member_timed_out": {"until": "2026-03-10T13:00:00+00:00"},
        "channel_excluded": {"channel_id": "88", "excluded": "88"},
        "cooldown": {"event": "Quest!", "retry_at": "2026-03-10T13:00:00+00:00"},
        "limit_reached": {"event": "Quest!", "limit": 1},
        "total_limit_reached": {"event": "Quest!", "limit": 1},
    }
    for outcome, set_up in PROBLEMS.items():
        with earnable.connection.transaction(force_rollback=True):
            member = set_up(earnable)  # a drop that was there before might end with it
            assert claim(earnable, earnable.add_drop(), member) == {"outcome": outcome} | expected.get(outcome, {})
    assert claim(earnable, earnable.add_drop())["outcome"] == "claimed"


def test_a_claim_is_refused_in_the_words_of_a_drop(earnable: Database) -> None:
    for set_up in PROBLEMS.values():
        with earnable.connection.transaction(force_rollback=True):
            member = set_up(earnable)
            drop = earnable.add_drop()
            told = earnable.call("claim_event", member.again(), event_type="quest", now=NOON)
            assert told == claim(earnable, drop, member)


def test_a_member_who_is_disabled_without_a_reason(earnable: Database) -> None:
    earnable.run("insert into disabled_members values ('77', '1002', null, '9001')")
    assert claim(earnable, earnable.add_drop()) == {"outcome": "member_disabled", "reason": None}


def test_disabled_on_one_server_is_not_disabled_on_another(earnable: Database) -> None:
    earnable.run("insert into disabled_members values ('78', '1002', 'spam', '9001'), ('77', '1003', 'spam', '9001')")
    assert claim(earnable, earnable.add_drop())["outcome"] == "claimed"


# Nothing is cached ----------------------------------------------------------------------------------------------


def test_a_change_made_by_another_program_holds_for_the_next_click(earnable: Database, rest: Rest) -> None:
    api = rest(role="service_role")

    def click() -> Row:
        member = BOB.again()
        caller: Row = {"server_id": "77", "user_id": "1002", "interaction_id": member.interaction_id, "role_ids": []}
        response = api.post("/rpc/claim_drop", json={"p_caller": caller, "p_drop_id": earnable.add_drop()})
        result: Row = response.json()
        return result

    assert click()["amount"] == 10
    earnable.run("update monitoring_rules set reward_amount = 20 where event_type = 'quest'")
    assert click()["amount"] == 20
    earnable.run("update monitoring_rules set is_enabled = false where event_type = 'quest'")
    assert click()["outcome"] == "event_disabled"
    earnable.run("update monitoring_rules set is_enabled = true, max_claims_per_user = 2 where event_type = 'quest'")
    assert click()["outcome"] == "limit_reached"
    earnable.run("update monitoring_rules set max_claims_per_user = 3 where event_type = 'quest'")
    assert click()["amount"] == 20
    earnable.run("update discord_server_configs set is_active = false")
    assert click()["outcome"] == "server_not_connected"
