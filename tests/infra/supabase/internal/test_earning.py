"""internal.check_earning through the functions that ask it: each refusal, their order, and that nothing is cached."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.infra.conftest import Rest
from tests.sql import BOB, HOUR, NOON, SECOND, Caller, Database, Row

TESTERS, VIEWERS, OTHERS = "421", "422", "423"


@dataclass(frozen=True)
class Problem:
    """What keeps a member from earning: something in the database, and what Discord signs about the member."""

    set_up: Callable[[Database], Any] = lambda _: None
    signed: Row = field(default_factory=dict)

    def __call__(self, db: Database, member: Caller = BOB) -> Caller:
        """Set it up; gives the member as they then are."""
        self.set_up(db)
        return replace(member, **self.signed)


def setting(name: str, value: Any) -> Problem:
    """Set one of the server's settings."""
    return Problem(
        lambda db: db.run(
            "update discord_server_configs set config_metadata = coalesce(config_metadata, '{}') || %s",
            Jsonb({name: value}),
        )
    )


def rule(column: str, value: Any) -> Problem:
    """Change a column of the event."""
    return Problem(lambda db: db.run(f"update monitoring_rules set {column} = %s", value))


def earned(column: str, value: int) -> Problem:
    """The member has earned the event once, an hour ago; the rule now minds."""

    def set_up(db: Database) -> None:
        rule(column, value)(db)
        db.run(
            "insert into event_claims select '77', '1002', event_type, 1, %s from"
            " (values ('quest'), ('daily_checkin'), ('welcome_bonus')) as events (event_type) on conflict do nothing",
            NOON - HOUR,
        )
        db.run("insert into event_totals select '77', event_type, 1 from event_claims on conflict do nothing")

    return Problem(set_up)


IN_UNKNOWN_CATEGORY: Row = {"parent_ids": ("87",), "is_place_known": False}

# In the order of the rules.
PROBLEMS: dict[str, Problem] = {
    "server_not_connected": Problem(lambda db: db.run("update discord_server_configs set is_active = false")),
    "brand_disabled": Problem(lambda db: db.add_brand(is_active=False)),
    "event_not_found": Problem(lambda db: db.run("delete from monitoring_rules")),
    "event_disabled": rule("is_enabled", False),
    "member_disabled": Problem(lambda db: db.run("insert into disabled_members values ('77', '1002', 'spam', '9001')")),
    "member_pending": Problem(signed={"is_pending": True}),
    "member_timed_out": Problem(signed={"timed_out_until": NOON + HOUR}),
    "test_mode": setting("test_mode", {"enabled": True, "role": TESTERS}),
    "channel_excluded": setting("excluded_channels", ["88"]),
    "category_needed": replace(setting("excluded_channels", ["86"]), signed=IN_UNKNOWN_CATEGORY),
    "cooldown": earned("cooldown_hours", 2),
    "limit_reached": earned("max_claims_per_user", 1),
    "total_limit_reached": earned("max_total_claims", 1),
}

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


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server with a quest that members may take, a daily check-in and a welcome bonus, which pay 10."""
    db.connect_server()
    db.add_event("quest", 10, claimable=True)
    db.add_event("daily_checkin", 10)
    db.add_event("welcome_bonus", 10)
    return db


def claim(db: Database, drop_id: str, member: Caller = BOB) -> Row:
    """A new click."""
    return db.call("claim_drop", member.again(), drop_id=drop_id, now=NOON)


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
def test_each_refusal(seeded: Database, function: str, problem: str) -> None:
    member = PROBLEMS_OF[function][problem](seeded)
    assert refusal(seeded, function, member) == problem


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [(function, *pair) for function, known in PROBLEMS_OF.items() for pair in combinations(known, 2)],
)
def test_of_two_problems_the_first_is_told(seeded: Database, function: str, first: str, second: str) -> None:
    member = PROBLEMS_OF[function][second](seeded)
    member = PROBLEMS_OF[function][first](seeded, member)
    assert refusal(seeded, function, member) == first


@pytest.mark.parametrize("function", PROBLEMS_OF)
def test_all_problems_at_once(seeded: Database, function: str) -> None:
    member = BOB
    for problem in reversed(PROBLEMS_OF[function].values()):
        member = problem(seeded, member)
    assert refusal(seeded, function, member) == "server_not_connected"


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("drop_problem", DROP_PROBLEMS)
def test_what_is_wrong_with_the_drop_is_told_first(seeded: Database, drop_problem: str, problem: str) -> None:
    drop = seeded.add_drop(**DROP_PROBLEMS[drop_problem])
    member = PROBLEMS[problem](seeded)
    assert claim(seeded, drop, member)["outcome"] == drop_problem


@pytest.mark.parametrize("problem", PROBLEMS)
def test_no_drop_and_a_claimed_one_are_told_first(seeded: Database, problem: str) -> None:
    drop = seeded.add_drop()
    claim(seeded, drop)
    member = PROBLEMS[problem](seeded)
    assert claim(seeded, str(uuid4()), member)["outcome"] == "drop_not_found"
    ends_drops = problem in ("server_not_connected", "event_not_found")
    assert claim(seeded, drop, member)["outcome"] == ("drop_ended" if ends_drops else "already_claimed")


@pytest.mark.parametrize(("first", "second"), list(combinations(DROP_PROBLEMS, 2)))
def test_of_two_problems_of_a_drop_the_first_is_told(seeded: Database, first: str, second: str) -> None:
    drop = seeded.add_drop(**DROP_PROBLEMS[second] | DROP_PROBLEMS[first])
    assert claim(seeded, drop)["outcome"] == first


@pytest.mark.parametrize("drop_problem", DROP_PROBLEMS)
def test_a_drop_that_is_over_is_told_before_ones_own_claim(seeded: Database, drop_problem: str) -> None:
    drop = seeded.add_drop()
    claim(seeded, drop)
    columns = DROP_PROBLEMS[drop_problem]
    changes = ", ".join(f"{name} = %s" for name in columns)
    seeded.run(f"update discord_drops set {changes}", *columns.values())
    assert claim(seeded, drop)["outcome"] == drop_problem


# What each refusal says besides ---------------------------------------------------------------------------------


def test_every_refusal_says_what_its_sentence_needs(seeded: Database) -> None:
    seeded.run("update monitoring_rules set label = 'Quest!' where event_type = 'quest'")
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
        with seeded.connection.transaction(force_rollback=True):
            member = set_up(seeded)  # a drop that was there before might end with it
            assert claim(seeded, seeded.add_drop(), member) == {"outcome": outcome} | expected.get(outcome, {})
    assert claim(seeded, seeded.add_drop())["outcome"] == "claimed"


def test_a_claim_is_refused_in_the_words_of_a_drop(seeded: Database) -> None:
    for set_up in PROBLEMS.values():
        with seeded.connection.transaction(force_rollback=True):
            member = set_up(seeded)
            drop = seeded.add_drop()
            told = seeded.call("claim_event", member.again(), event_type="quest", now=NOON)
            assert told == claim(seeded, drop, member)


def test_a_member_who_is_disabled_without_a_reason(seeded: Database) -> None:
    seeded.run("insert into disabled_members values ('77', '1002', null, '9001')")
    assert claim(seeded, seeded.add_drop()) == {"outcome": "member_disabled", "reason": None}


def test_disabled_on_one_server_is_not_disabled_on_another(seeded: Database) -> None:
    seeded.run("insert into disabled_members values ('78', '1002', 'spam', '9001'), ('77', '1003', 'spam', '9001')")
    assert claim(seeded, seeded.add_drop())["outcome"] == "claimed"


# Limits and cooldowns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, 0, -1])
def test_no_cooldown(seeded: Database, value: int | None) -> None:
    rule("cooldown_hours", value)(seeded)
    assert [claim(seeded, seeded.add_drop())["outcome"] for _ in range(3)] == ["claimed"] * 3


@pytest.mark.parametrize("column", ["max_claims_per_user", "max_total_claims"])
@pytest.mark.parametrize("value", [None, -1])
def test_no_limit(seeded: Database, column: str, value: int | None) -> None:
    rule(column, value)(seeded)
    assert [claim(seeded, seeded.add_drop())["outcome"] for _ in range(3)] == ["claimed"] * 3


@pytest.mark.parametrize(
    ("column", "outcome"),
    [("max_claims_per_user", "limit_reached"), ("max_total_claims", "total_limit_reached")],
)
@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_limit(seeded: Database, column: str, outcome: str, limit: int) -> None:
    rule(column, limit)(seeded)
    outcomes = [claim(seeded, seeded.add_drop())["outcome"] for _ in range(3)]
    assert outcomes == ["claimed"] * limit + [outcome] * (3 - limit)
    seeded.assert_books_agree()


def test_the_members_limit_is_each_members_own_and_each_servers(seeded: Database) -> None:
    rule("max_claims_per_user", 1)(seeded)
    seeded.connect_server("78")
    seeded.add_event("quest", 10, server_id="78", max_claims_per_user=1)
    here, there = seeded.add_drop(), seeded.add_drop(server_id="78")
    for server, drop in (("77", here), ("78", there)):
        for member in ("1002", "1003"):
            assert claim(seeded, drop, Caller(user_id=member, server_id=server))["outcome"] == "claimed"
    assert claim(seeded, seeded.add_drop())["outcome"] == "limit_reached"


def test_a_cooldown_ends_to_the_second(seeded: Database) -> None:
    rule("cooldown_hours", 2)(seeded)
    claim(seeded, seeded.add_drop())
    drop = seeded.add_drop()
    soon = seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON + 2 * HOUR - SECOND)
    assert soon == {"outcome": "cooldown", "event": "quest", "retry_at": "2026-03-10T14:00:00+00:00"}
    assert seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON + 2 * HOUR)["outcome"] == "claimed"


def test_a_limit_that_comes_later_counts_what_was_earned_before(seeded: Database) -> None:
    for _ in range(3):
        claim(seeded, seeded.add_drop())
    rule("max_total_claims", 3)(seeded)
    assert claim(seeded, seeded.add_drop(), Caller(user_id="1003"))["outcome"] == "total_limit_reached"


# Which rule holds -----------------------------------------------------------------------------------------------


def test_the_servers_own_rule_wins_over_the_brand_wide_one(seeded: Database) -> None:
    seeded.add_event("quest", 5, server_id=None)
    assert claim(seeded, seeded.add_drop())["amount"] == 10
    seeded.run("update monitoring_rules set is_enabled = false where server_id = '77'")
    assert claim(seeded, seeded.add_drop())["outcome"] == "event_disabled"
    seeded.run("delete from monitoring_rules where server_id = '77'")
    assert claim(seeded, seeded.add_drop())["amount"] == 5


@pytest.mark.parametrize("columns", [{"brand_id": "another", "server_id": None}, {"server_id": "78"}])
def test_a_rule_of_another_brand_or_server_does_not_hold(seeded: Database, columns: Row) -> None:
    seeded.add_event("raid", 99, **columns)
    assert claim(seeded, seeded.add_drop(event_id="raid"))["outcome"] == "event_not_found"


# Test mode and channels -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "outcome"),
    [
        (Caller("1002"), "test_mode"),
        (Caller("1002", role_ids=(OTHERS,)), "test_mode"),
        (Caller("1002", role_ids=(TESTERS,)), "claimed"),
        (Caller("1002", role_ids=(VIEWERS,)), "claimed"),
        (Caller("1002", manages_server=True), "claimed"),
    ],
)
def test_who_earns_in_test_mode(seeded: Database, member: Caller, outcome: str) -> None:
    setting("test_mode", {"enabled": True, "role": TESTERS})(seeded)
    setting("admin_roles", {VIEWERS: 1})(seeded)
    assert claim(seeded, seeded.add_drop(), member)["outcome"] == outcome


def test_test_mode_without_a_role_is_for_admins_alone(seeded: Database) -> None:
    setting("test_mode", {"enabled": True})(seeded)
    assert claim(seeded, seeded.add_drop(), Caller("1002", role_ids=(TESTERS,)))["outcome"] == "test_mode"
    assert claim(seeded, seeded.add_drop(), Caller("1002", manages_server=True))["outcome"] == "claimed"


@pytest.mark.parametrize("mode", [{}, {"enabled": False, "role": TESTERS}, {"role": TESTERS}])
def test_test_mode_that_is_off(seeded: Database, mode: Row) -> None:
    setting("test_mode", mode)(seeded)
    assert claim(seeded, seeded.add_drop())["outcome"] == "claimed"


@pytest.mark.parametrize("signed", [{}, {"is_pending": False}, {"timed_out_until": NOON}, {"parent_ids": ()}])
def test_what_discord_signs_of_a_member_who_may_earn(seeded: Database, signed: Row) -> None:
    assert claim(seeded, seeded.add_drop(), replace(BOB, **signed))["outcome"] == "claimed"


def test_a_time_out_ends_to_the_second(seeded: Database) -> None:
    drop, member = seeded.add_drop(), replace(BOB, timed_out_until=NOON + SECOND)
    assert claim(seeded, drop, member) == {"outcome": "member_timed_out", "until": "2026-03-10T12:00:01+00:00"}
    assert seeded.call("claim_drop", member.again(), drop_id=drop, now=NOON + SECOND)["outcome"] == "claimed"


@pytest.mark.parametrize(
    ("excluded", "parent_ids", "found"),
    [
        (["88", "87"], ("87", "86"), "88"),
        (["86", "87"], ("87", "86"), "87"),  # a thread of an excluded channel, also where its category is
        (["86"], ("87", "86"), "86"),
        (["86"], ("86",), "86"),  # a channel of an excluded category
        (["85", "8"], ("87", "86"), None),
        (["86"], None, None),  # as with the release before, which tells nothing
        ([], ("87",), None),
    ],
)
def test_a_thread_counts_as_its_channel_and_a_channel_as_its_category(
    seeded: Database, excluded: list[str], parent_ids: tuple[str, ...] | None, found: str | None
) -> None:
    setting("excluded_channels", excluded)(seeded)
    told = claim(seeded, seeded.add_drop(), replace(BOB, parent_ids=parent_ids))
    assert (told["outcome"], told.get("excluded")) == ("channel_excluded" if found else "claimed", found)


@pytest.mark.parametrize(
    ("excluded", "outcome"),
    [(None, "claimed"), ([], "claimed"), (["87"], "channel_excluded"), (["8"], "category_needed")],
)
def test_a_category_is_asked_for_only_where_it_decides(
    seeded: Database, excluded: list[str] | None, outcome: str
) -> None:
    seeded.set_settings(None if excluded is None else {"excluded_channels": excluded})
    assert claim(seeded, seeded.add_drop(), replace(BOB, **IN_UNKNOWN_CATEGORY))["outcome"] == outcome


def test_a_redelivery_from_an_unknown_category_gets_what_was_paid(seeded: Database) -> None:
    drop = seeded.add_drop()
    first = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    member = PROBLEMS["category_needed"](seeded)
    assert seeded.call("claim_drop", member, drop_id=drop, now=NOON) == first


def test_another_channel_is_not_excluded(seeded: Database) -> None:
    setting("excluded_channels", ["87", "888"])(seeded)
    assert claim(seeded, seeded.add_drop())["outcome"] == "claimed"


# Nothing is cached ----------------------------------------------------------------------------------------------


def test_a_change_made_by_another_program_holds_for_the_next_click(seeded: Database, rest: Rest) -> None:
    api = rest(role="service_role")

    def click() -> Row:
        member = BOB.again()
        caller: Row = {"server_id": "77", "user_id": "1002", "interaction_id": member.interaction_id, "role_ids": []}
        response = api.post("/rpc/claim_drop", json={"p_caller": caller, "p_drop_id": seeded.add_drop()})
        result: Row = response.json()
        return result

    assert click()["amount"] == 10
    seeded.run("update monitoring_rules set reward_amount = 20 where event_type = 'quest'")
    assert click()["amount"] == 20
    seeded.run("update monitoring_rules set is_enabled = false where event_type = 'quest'")
    assert click()["outcome"] == "event_disabled"
    seeded.run("update monitoring_rules set is_enabled = true, max_claims_per_user = 2 where event_type = 'quest'")
    assert click()["outcome"] == "limit_reached"
    seeded.run("update monitoring_rules set max_claims_per_user = 3 where event_type = 'quest'")
    assert click()["amount"] == 20
    seeded.run("update discord_server_configs set is_active = false")
    assert click()["outcome"] == "server_not_connected"
