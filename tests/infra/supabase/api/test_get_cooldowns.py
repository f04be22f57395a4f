"""get_cooldowns: what a member can take now, what later, what no more; and that the functions that pay agree."""

from datetime import UTC, datetime

import pytest
from psycopg.types.json import Jsonb

from tests.infra.supabase.internal.problems import PROBLEMS
from tests.sql import DAY, HOUR, NOON, Caller, Database, Row

BOB = Caller(user_id="1002")
ALICE = Caller(user_id="1003")
MIDNIGHT = "2026-03-11T00:00:00+00:00"


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server with a quest that members may take once an hour, and a raid that they may not."""
    db.connect_server()
    db.add_event("quest", 10, claimable=True, cooldown_hours=1, label="Quest!")
    db.add_event("raid", 20, cooldown_hours=2)
    return db


def cooldowns(db: Database, at: datetime = NOON, member: Caller = BOB) -> Row:
    """What is told."""
    return db.call("get_cooldowns", member, now=at)


def claim(db: Database, event_type: str = "quest", at: datetime = NOON, member: Caller = BOB) -> Row:
    """A new /claim."""
    return db.call("claim_event", member.again(), event_type=event_type, now=at)


def click(db: Database, event_type: str, at: datetime = NOON) -> Row:
    """A click on a new drop."""
    return db.call("claim_drop", BOB.again(), drop_id=db.add_drop(event_id=event_type), now=at)


def change(db: Database, event_type: str, change: str) -> None:
    """Change an event."""
    db.run(f"update monitoring_rules set {change} where event_type = %s", event_type)


def lists(db: Database, at: datetime = NOON) -> dict[str, list[str]]:
    """The names in each list that has any."""
    found = cooldowns(db, at)
    named = {name: [event["event"] for event in found[name]] for name in ("waiting", "ready", "used_up")}
    return {name: events for name, events in named.items() if events}


def test_before_anything_was_earned(seeded: Database) -> None:
    before = seeded.contents()
    assert cooldowns(seeded) == {
        "outcome": "cooldowns",
        "refusal": None,
        "daily": None,
        "waiting": [],
        "ready": [{"event": "quest", "label": "Quest!", "reward": 10}],
        "used_up": [],
        "reactions": [],
    }
    assert seeded.contents() == before


def test_who_can_take_nothing_at_the_moment_is_told_why(seeded: Database) -> None:
    seeded.set_settings({"excluded_channels": ["88"]})
    assert cooldowns(seeded)["refusal"] == {"outcome": "channel_excluded", "channel_id": "88", "excluded": "88"}
    assert lists(seeded) == {"ready": ["quest"]}
    seeded.run("insert into disabled_members values ('77', '1002', 'spam', '9001')")
    assert cooldowns(seeded)["refusal"] == {"outcome": "member_disabled", "reason": "spam"}


@pytest.mark.parametrize("refusal", ["member_pending", "member_timed_out", "test_mode"])
def test_every_refusal_of_a_member_is_told(seeded: Database, refusal: str) -> None:
    member = PROBLEMS[refusal](seeded)
    assert cooldowns(seeded, member=member)["refusal"]["outcome"] == refusal


def test_what_depends_on_an_unknown_category_is_not_told_yet(seeded: Database) -> None:
    member = PROBLEMS["category_needed"](seeded)
    assert cooldowns(seeded, member=member) == {"outcome": "category_needed"}


def test_a_cooldown_runs_and_ends_to_the_second(seeded: Database) -> None:
    told = claim(seeded)["retry_at"]
    waiting = cooldowns(seeded, NOON + HOUR - (HOUR / 3600))
    assert waiting["waiting"] == [{"event": "quest", "label": "Quest!", "retry_at": told}]
    assert lists(seeded, NOON + HOUR) == {"ready": ["quest"]}
    assert claim(seeded, at=NOON + HOUR)["outcome"] == "event_claimed"


def test_what_was_earned_by_a_drop_waits_too_and_the_soonest_comes_first(seeded: Database) -> None:
    click(seeded, "raid", NOON - 90 * (HOUR / 60))
    claim(seeded)
    assert lists(seeded) == {"waiting": ["raid", "quest"]}
    assert cooldowns(seeded)["waiting"][0] == {"event": "raid", "label": None, "retry_at": "2026-03-10T12:30:00+00:00"}
    assert lists(seeded, NOON + HOUR / 2) == {"waiting": ["quest"]}


@pytest.mark.parametrize("hours", ["null", "0", "-1"])
def test_without_a_cooldown_nothing_waits(seeded: Database, hours: str) -> None:
    claim(seeded)
    change(seeded, "quest", f"cooldown_hours = {hours}")
    assert lists(seeded) == {"ready": ["quest"]}


def test_a_cooldown_of_today_counts_from_the_last_claim(seeded: Database) -> None:
    claim(seeded)
    change(seeded, "quest", "cooldown_hours = 24")
    assert cooldowns(seeded, NOON + HOUR)["waiting"][0]["retry_at"] == "2026-03-11T12:00:00+00:00"


@pytest.mark.parametrize("gone", ["update monitoring_rules set is_enabled = false", "delete from monitoring_rules"])
def test_deleted_and_disabled_events_are_left_out(seeded: Database, gone: str) -> None:
    seeded.add_event("daily_checkin", 25)
    seeded.add_event("welcome_bonus", 50)
    claim(seeded)
    click(seeded, "raid")
    seeded.run(gone)
    assert lists(seeded) == {}
    assert cooldowns(seeded)["daily"] is None


def test_a_disabled_rule_of_the_server_hides_the_brand_wide_one(seeded: Database) -> None:
    seeded.add_event("quest", 1, server_id=None, claimable=True)
    change(seeded, "quest", "is_enabled = (server_id is null)")
    assert lists(seeded) == {}


@pytest.mark.parametrize("limit", ["max_claims_per_user = 1", "max_total_claims = 1"])
def test_what_is_used_up_waits_for_nothing(seeded: Database, limit: str) -> None:
    change(seeded, "quest", limit)
    claim(seeded)
    assert cooldowns(seeded)["used_up"] == [{"event": "quest", "label": "Quest!"}]
    assert lists(seeded) == {"used_up": ["quest"]}


def test_a_limit_with_something_left_is_ready(seeded: Database) -> None:
    change(seeded, "quest", "max_claims_per_user = 2, max_total_claims = 2, cooldown_hours = null")
    claim(seeded)
    assert lists(seeded) == {"ready": ["quest"]}


def test_a_limit_of_zero_is_used_up_before_anybody_came(seeded: Database) -> None:
    change(seeded, "quest", "max_claims_per_user = 0")
    assert cooldowns(seeded)["used_up"] == [{"event": "quest", "label": "Quest!"}]


def test_what_others_have_taken_counts_for_the_limit_of_all(seeded: Database) -> None:
    change(seeded, "quest", "max_total_claims = 1")
    claim(seeded, member=ALICE)
    assert lists(seeded) == {"used_up": ["quest"]}


def test_what_members_cannot_take_is_not_told_as_used_up(seeded: Database) -> None:
    change(seeded, "raid", "max_claims_per_user = 1")
    click(seeded, "raid")
    assert lists(seeded) == {"ready": ["quest"]}


def test_other_members_and_servers_have_their_own(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_event("quest", 10, server_id="78", claimable=True, cooldown_hours=1)
    claim(seeded, member=ALICE)
    claim(seeded, member=Caller(BOB.user_id, server_id="78"))
    assert lists(seeded) == {"ready": ["quest"]}


# The welcome bonus ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["null", "-1", "1", "5"])
def test_the_welcome_bonus_is_ready_until_it_was_had(seeded: Database, limit: str) -> None:
    seeded.add_event("welcome_bonus", 50, cooldown_hours=5)
    change(seeded, "welcome_bonus", f"max_claims_per_user = {limit}")
    assert cooldowns(seeded)["ready"][1] == {"event": "welcome_bonus", "label": None, "reward": 50}
    assert seeded.call("claim_welcome_bonus", BOB.again(), now=NOON)["outcome"] == "welcomed"
    assert lists(seeded) == {"ready": ["quest"]}


def test_a_welcome_bonus_that_nobody_gets_any_more_is_not_ready(seeded: Database) -> None:
    seeded.add_event("welcome_bonus", 50, max_total_claims=0, claimable=True)
    assert lists(seeded) == {"ready": ["quest"]}


# The check-in ---------------------------------------------------------------------------------------------------


def daily(db: Database, at: datetime = NOON) -> Row | None:
    """What is told of the check-in, which stands in no list then."""
    found = cooldowns(db, at)
    assert not any(e["event"] == "daily_checkin" for name in ("waiting", "ready") for e in found[name])
    result: Row | None = found["daily"]
    return result


def test_the_check_in_is_open_until_it_was_done_today(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25)
    assert daily(seeded) == {"next_at": None, "streak": 0}
    seeded.call("check_in", BOB.again(), now=NOON)
    assert daily(seeded) == {"next_at": MIDNIGHT, "streak": 1}
    assert daily(seeded, datetime.fromisoformat(MIDNIGHT)) == {"next_at": None, "streak": 1}
    assert daily(seeded, NOON + 2 * DAY) == {"next_at": None, "streak": 0}


def test_the_check_in_opens_at_midnight_of_the_servers_time_zone(db: Database) -> None:
    db.connect_server(settings={"timezone": "Asia/Kathmandu"})
    db.add_event("daily_checkin", 25)
    told = db.call("check_in", BOB.again(), now=NOON)["next_at"]
    assert daily(db) == {"next_at": told, "streak": 1}
    assert datetime.fromisoformat(told) == datetime(2026, 3, 10, 18, 15, tzinfo=UTC)


def test_the_check_ins_event_earned_by_a_drop_leaves_the_day_open(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25)
    click(seeded, "daily_checkin")
    assert daily(seeded) == {"next_at": None, "streak": 0}
    assert seeded.call("check_in", BOB.again(), now=NOON)["outcome"] == "checked_in"


@pytest.mark.parametrize("hours", [2, 36])
def test_a_cooldown_of_the_check_in_is_ignored(seeded: Database, hours: int) -> None:
    seeded.add_event("daily_checkin", 25, cooldown_hours=hours)
    seeded.call("check_in", BOB.again(), now=NOON)
    assert daily(seeded) == {"next_at": MIDNIGHT, "streak": 1}
    assert lists(seeded) == {"ready": ["quest"]}


def test_a_check_in_that_is_used_up_is_told_so(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25, max_claims_per_user=1)
    seeded.call("check_in", BOB.again(), now=NOON)
    assert daily(seeded) is None
    assert lists(seeded) == {"ready": ["quest"], "used_up": ["daily_checkin"]}


# Agreement with what pays ---------------------------------------------------------------------------------------


ALLOWED = {
    "event_claimed": {"ready"},
    "limit_reached": {"used_up"},
    "total_limit_reached": {"used_up"},
    "cooldown": {"waiting", "used_up"},  # a refusal names the cooldown first, also where a limit makes it the last one
}


@pytest.mark.parametrize("cooldown", ["null", "1"])
@pytest.mark.parametrize("member_limit", ["null", "0", "1", "2"])
@pytest.mark.parametrize("total_limit", ["null", "1", "2"])
def test_what_is_told_is_what_a_claim_meets(
    seeded: Database, cooldown: str, member_limit: str, total_limit: str
) -> None:
    claim(seeded)
    change(
        seeded,
        "quest",
        f"cooldown_hours = {cooldown}, max_claims_per_user = {member_limit}, max_total_claims = {total_limit}",
    )
    for at in (NOON, NOON + HOUR):
        (told,) = lists(seeded, at)
        with seeded.connection.transaction(force_rollback=True):
            met = claim(seeded, at=at)["outcome"]
        assert told in ALLOWED[met]


def test_a_server_that_is_not_connected(seeded: Database) -> None:
    seeded.run("update discord_server_configs set is_active = false")
    for member in (BOB, Caller(server_id="78")):
        assert cooldowns(seeded, member=member) == {"outcome": "server_not_connected"}


# --- Reactions that did not pay


def refuse(db: Database, drop: str, at: datetime = NOON, member: str = "1002", **refusal: object) -> None:
    """A reaction that was refused."""
    facts = Jsonb({"outcome": "limit_reached", "event": "Quest!", "limit": 1} | refusal)
    db.run("insert into reaction_refusals values ('77', %s, %s, %s, %s)", member, drop, facts, at)


def test_the_last_reactions_that_did_not_pay_are_told(seeded: Database) -> None:
    drops = [seeded.add_drop(drop_type="reaction", emoji="🎉", message_id=str(number)) for number in range(7)]
    for number, drop in enumerate(drops):
        refuse(seeded, drop, NOON - number * HOUR, limit=number)
    refuse(seeded, drops[0], member="1003")
    found = cooldowns(seeded)["reactions"]
    assert [each["refusal"]["limit"] for each in found] == [0, 1, 2, 3, 4]
    assert found[0] == {
        "refusal": {"outcome": "limit_reached", "event": "Quest!", "limit": 0},
        "at": "2026-03-10T12:00:00+00:00",
        "title": "quest",
        "server_id": "77",
        "channel_id": "88",
        "message_id": "0",
    }


def test_what_is_a_day_old_or_was_paid_since_is_told_no_more(seeded: Database) -> None:
    old, paid, gone = (seeded.add_drop(message_id=str(number)) for number in range(3))
    refuse(seeded, old, NOON - DAY)
    refuse(seeded, paid)
    refuse(seeded, gone)
    seeded.call("claim_drop", BOB.again(), drop_id=paid, now=NOON)
    seeded.run("delete from discord_drops where drop_id = %s", gone)
    (found,) = cooldowns(seeded)["reactions"]
    assert (found["title"], found["message_id"], found["refusal"]["outcome"]) == (None, None, "limit_reached")
