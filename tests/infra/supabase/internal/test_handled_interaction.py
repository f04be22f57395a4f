"""An admin's command is carried out once and answered as the first time, whatever happened in between.

The walk takes every function that a member calls and that writes.
"""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.sql import ADMIN, DAY, KEY_HASH, NOON, SECOND, Caller, Database, Row

OPEN, ENDED = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
PREVIEW = "00000000-0000-4000-6000-000000000001"
WATCH, STOPPED = "00000000-0000-4000-7000-000000000001", "00000000-0000-4000-7000-000000000002"
SETTINGS: Row = {
    "timezone": "Asia/Tokyo",
    "streak": {"grace_hours": 24},
    "excluded_channels": ["89"],
    "admin_channel": "90",
    "role_bonuses": {"5": {"flat": 1}},
    "admin_roles": {"4": 4},
    "test_mode": {"enabled": False},
}
# Members' commands that pay keep their receipt in the ledger instead.
PAYING = {"check_in", "claim_drop", "claim_event", "claim_milestone", "claim_welcome_bonus"}
NOT_BY_COMMAND = {"cancel_drop_post", "check_server"}  # a step of create_drop; writes and rolls that back
NOT_BY_COMMAND |= {"post_preview", "cancel_preview"}  # calls create_drop; harmless to repeat


@dataclass
class Case:
    """How a function is called: to change something, and so that at first it changes nothing."""

    arguments: Row
    vain: Row = field(default_factory=dict)  # the arguments that differ in the call that changes nothing
    vain_because: str = "select"  # what somebody has done before it
    vain_outcome: str = "settings_unchanged"


MAY_AGAIN = "update discord_server_configs set is_active = true, brand_id = 'brand'"
# What is in vain after all that somebody else has done: the event is off, the reward is taken back, the drop is over.
IN_VAIN = {"give_reward", "create_drop", "start_watch", "revoke_reward", "cancel_drop", "end_drop"}
IN_VAIN |= {"preview_drop", "change_preview"}
CASES: dict[str, Case] = {
    "cancel_drop": Case({"drop_id": OPEN}, {"drop_id": ENDED}, vain_outcome="drop_over"),
    "connect_server": Case(
        {"brand_id": "brand", "key_hash": KEY_HASH},
        vain_because="update discord_server_configs set brand_id = 'theirs'",
        vain_outcome="connected_elsewhere",
    ),
    "create_drop": Case(
        {"event_type": "quest", "channel_id": "88"},
        vain_because="update monitoring_rules set is_enabled = false",
        vain_outcome="event_disabled",
    ),
    "create_event": Case({"event_type": "raid", "reward": 5}, {"event_type": "quest"}, vain_outcome="event_exists"),
    "delete_event": Case({"event_type": "quest"}, {"event_type": "raid"}, vain_outcome="event_not_found"),
    "preview_drop": Case(
        {"terms": {"event_type": "quest", "channel_id": "88"}},
        {"terms": {"event_type": "raid", "channel_id": "88"}},
        vain_outcome="event_not_found",
    ),
    "change_preview": Case(
        {"preview_id": PREVIEW, "terms": {"title": "Mine"}},
        {"terms": {"event_type": "raid"}},
        vain_outcome="event_not_found",
    ),
    "disable_member": Case(
        {"member_id": "1002", "reason": "spam"}, {"member_id": "1003"}, vain_outcome="member_already_disabled"
    ),
    "disconnect_server": Case(
        {},
        vain_because="update discord_server_configs set is_active = false",
        vain_outcome="server_not_connected",
    ),
    "edit_drop": Case({"drop_id": OPEN, "label": "Mine"}, {"label": "Old"}, vain_outcome="drop_unchanged"),
    "edit_event": Case({"event_type": "quest", "reward": 11}, {"reward": 10}, vain_outcome="event_unchanged"),
    "enable_member": Case({"member_id": "1003"}, {"member_id": "1002"}, vain_outcome="member_not_disabled"),
    "end_drop": Case({"drop_id": OPEN}, {"drop_id": ENDED}, vain_outcome="drop_over"),
    "exclude_channel": Case({"channel_id": "88"}, {"channel_id": "89"}),
    "give_reward": Case(
        {"member_id": "1002", "event_type": "quest", "role_ids": ()},
        vain_because="update monitoring_rules set is_enabled = false",
        vain_outcome="event_disabled",
    ),
    "include_channel": Case({"channel_id": "89"}, {"channel_id": "88"}, vain_outcome="channel_not_excluded"),
    "remove_admin_role": Case({"role_id": "4"}, {"role_id": "6"}, vain_outcome="admin_role_unknown"),
    "remove_role_bonus": Case({"role_id": "5"}, {"role_id": "6"}, vain_outcome="role_bonus_unknown"),
    "revoke_reward": Case({"member_id": "1002"}, {"member_id": "1003"}, vain_outcome="entry_not_found"),
    "set_admin_channel": Case({"channel_id": "91"}, {"channel_id": "90"}),
    "set_admin_role": Case({"role_id": "4", "level": 3}, {"level": 4}),
    "set_role_bonus": Case({"role_id": "5", "flat": 2}, {"flat": 1}),
    "set_streaks": Case({"grace_hours": 8}, {"grace_hours": 24}),
    "set_test_mode": Case({"enabled": True}, {"enabled": False}),
    "start_watch": Case(
        {"event_type": "quest", "channel_id": "88", "last_message_id": "1"},
        {"channel_id": "87"},
        vain_outcome="watch_exists",
    ),
    "stop_watch": Case({"watch_id": WATCH}, {"watch_id": STOPPED}, vain_outcome="watch_over"),
    "toggle_event": Case({"event_type": "quest"}, {"enabled": True}, vain_outcome="event_unchanged"),
}


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server with something of everything that admins change."""
    db.add_brand()
    db.connect_server(settings=SETTINGS)
    db.add_event("quest", 10)
    db.add_drop(drop_id=OPEN, label="Old")
    db.add_drop(drop_id=ENDED, message_id="98", ended_at=NOON, end_reason="ended")
    for watch, channel, stopped_at in ((WATCH, "87", None), (STOPPED, "86", NOON)):
        db.run(
            "insert into channel_watches"
            " (watch_id, server_id, channel_id, event_id, emoji, last_message_id, created_at, stopped_at)"
            " values (%s, '77', %s, 'quest', '🎉', '1', %s, %s)",
            *(watch, channel, NOON - DAY, stopped_at),
        )
    db.run(
        "insert into drop_previews (preview_id, server_id, created_by, terms, expires_at)"
        " values (%s, '77', '9001', %s, %s)",
        *(PREVIEW, Jsonb({"event_type": "quest", "channel_id": "88"}), NOON + DAY),
    )
    db.run("insert into disabled_members values ('77', '1003', 'spam', '9009', %s)", NOON)
    db.add_reward(5)
    return db


def deliver(db: Database, function: str, caller: Caller = ADMIN, **arguments: Any) -> Row:
    """Call a function as its case says."""
    given = CASES[function].arguments | arguments
    if function == "revoke_reward":
        given["entry"] = db.value("select min(id) from reward_ledger")
    answer = db.call(function, caller, **given, now=NOON + SECOND)
    answer.pop("message", None)  # how the message of a drop stands: see test_end_drop.py
    return answer


def as_role(db: Database, role: str, query: str) -> None:
    """Run a query as one of the roles of the API."""
    with db.connection.transaction():
        db.run(f"set local role {role}")
        db.run(query)


def meddle(db: Database) -> None:
    """Somebody else changes everything, so that each of the calls has something to change again."""
    db.run(MAY_AGAIN)
    db.run("update monitoring_rules set reward_amount = 5000, is_enabled = is_enabled is false")
    db.run("delete from monitoring_rules where event_type in ('raid', 'welcome_bonus')")
    db.add_event("raid", 77, server_id=None)
    if db.rows("select from monitoring_rules where event_type = 'quest'") == []:
        db.add_event("quest", 5000)
    db.set_settings(
        {
            "timezone": "Europe/Berlin",
            "streak": {"grace_hours": 72},
            "excluded_channels": ["89", "99"],
            "admin_channel": "99",
            "role_bonuses": {"5": {"flat": 9}, "6": {"flat": 9}},
            "admin_roles": {"4": 4, "6": 1},
            "test_mode": {"enabled": False, "role": "8"},
        }
    )
    db.run("update discord_drops set label = 'Theirs' where drop_id = %s", OPEN)
    db.run("update channel_watches set stopped_at = null")
    db.run("delete from disabled_members")
    db.run("insert into disabled_members values ('77', '1003', 'theirs', '9009', %s)", NOON)


def test_the_walk_takes_every_function_that_writes_for_somebody(db: Database) -> None:
    rows = db.rows(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace and provolatile = 'v'"
        " and proargtypes[0] = 'internal.caller'::regtype"
    )
    assert {row["proname"] for row in rows} == CASES.keys() | PAYING | NOT_BY_COMMAND


@pytest.mark.parametrize("function", CASES)
def test_what_was_done_is_not_done_again(seeded: Database, function: str) -> None:
    before = seeded.contents()
    first = deliver(seeded, function)
    assert seeded.contents() != before
    meddle(seeded)
    before = seeded.contents()
    assert deliver(seeded, function) == first
    assert seeded.contents() == before


@pytest.mark.parametrize("function", CASES)
def test_what_changed_nothing_undoes_no_later_change(seeded: Database, function: str) -> None:
    case = CASES[function]
    seeded.run(case.vain_because)
    first = deliver(seeded, function, **case.vain)
    assert first["outcome"] == case.vain_outcome
    meddle(seeded)
    before = seeded.contents()
    assert deliver(seeded, function, **case.vain) == first
    assert seeded.contents() == before


@pytest.mark.parametrize("function", CASES)
def test_who_was_refused_is_refused_again(seeded: Database, function: str) -> None:
    member = Caller(user_id="9002", role_ids=("6",), required_level=4, interaction_id="7000")
    first = deliver(seeded, function, member)
    assert first == {"outcome": "not_allowed", "required_level": 4}
    seeded.set_settings(SETTINGS | {"admin_roles": {"6": 4}})
    before = seeded.contents()
    assert deliver(seeded, function, member) == first
    assert seeded.contents() == before
    assert deliver(seeded, function, member.again())["outcome"] != "not_allowed"


@pytest.mark.parametrize("function", [name for name in CASES if name != "connect_server"])
def test_a_server_that_was_not_connected_stays_so_for_that_command(seeded: Database, function: str) -> None:
    seeded.run("update discord_server_configs set is_active = false")
    first = deliver(seeded, function)
    assert first == {"outcome": "server_not_connected"}
    seeded.run(MAY_AGAIN)
    before = seeded.contents()
    assert deliver(seeded, function) == first
    assert seeded.contents() == before


@pytest.mark.parametrize("function", CASES)
def test_who_may_no_longer_gets_the_answer_of_the_first_time(seeded: Database, function: str) -> None:
    manager = Caller(user_id="9002", role_ids=("4",), required_level=4, interaction_id="7000")
    first = deliver(seeded, function, manager)
    assert first["outcome"] != "not_allowed"
    seeded.set_settings({})
    before = seeded.contents()
    assert deliver(seeded, function, manager) == first
    assert seeded.contents() == before


@pytest.mark.parametrize("function", CASES)
def test_twins_at_once_get_one_answer(seeded: Database, function: str) -> None:
    before = seeded.value("select max(id) from discord_audit_log")
    answers = seeded.race([partial(deliver, function=function)] * 6, at_once=6)
    assert all(answer == answers[0] for answer in answers)
    written = seeded.rows("select interaction_id, action from discord_audit_log where id > %s", before)
    assert len({tuple(row.values()) for row in written}) == len(written) or function == "connect_server"
    assert all(row["interaction_id"] == ADMIN.interaction_id for row in written)


@pytest.mark.parametrize("function", CASES)
def test_another_command_is_carried_out(seeded: Database, function: str) -> None:
    deliver(seeded, function)
    meddle(seeded)
    before = seeded.contents()
    deliver(seeded, function, ADMIN.again())
    assert seeded.contents() != before or function in IN_VAIN


@pytest.mark.parametrize("function", CASES)
def test_a_program_without_an_interaction_is_answered_and_nothing_is_remembered(
    seeded: Database, function: str
) -> None:
    before = seeded.contents()
    deliver(seeded, function, replace(ADMIN, interaction_id=None))
    assert seeded.contents() != before
    assert seeded.rows("select from handled_interactions") == []


def test_what_failed_may_be_repeated(seeded: Database) -> None:
    with pytest.raises(errors.CheckViolation):
        seeded.call("edit_event", ADMIN, event_type="quest", reward=-1)
    assert seeded.rows("select from handled_interactions") == []
    assert seeded.call("edit_event", ADMIN, event_type="quest", reward=11)["outcome"] == "event_edited"


def test_an_interaction_whose_answer_was_forgotten_is_not_handled(seeded: Database) -> None:
    caller = '{"interaction_id": "1", "server_id": "77", "user_id": "9001", "manages_server": true}'
    take = f"select internal.take_interaction(jsonb_populate_record(null::internal.caller, '{caller}'), now())"
    with pytest.raises(errors.NotNullViolation) as caught:
        as_role(seeded, "resonance", take)
    assert caught.value.diag.constraint_name == "handled_interactions_have_an_answer"
    assert seeded.rows("select from handled_interactions") == []


@pytest.mark.parametrize(("age", "left"), [(DAY, 1), (DAY + SECOND, 0)])
def test_an_interaction_is_remembered_for_a_day(seeded: Database, age: Any, left: int) -> None:
    insert = "insert into handled_interactions values ('77', %s, %s, '{}')"
    seeded.run(insert, "1", NOON + SECOND - age)
    deliver(seeded, "edit_event")
    assert seeded.value("select count(*) from handled_interactions where interaction_id = '1'") == left


def test_old_interactions_go_a_few_at_a_time_the_oldest_first(seeded: Database) -> None:
    insert = "insert into handled_interactions values ('77', %s, %s, '{}')"
    for number in range(30, 0, -1):
        seeded.run(insert, str(number), NOON - 2 * DAY + number * SECOND)
    deliver(seeded, "edit_event")
    left = seeded.rows("select interaction_id from handled_interactions where answer = '{}'")
    assert {row["interaction_id"] for row in left} == {str(number) for number in range(21, 31)}


def test_nobody_waits_for_an_old_interaction_that_somebody_holds(seeded: Database) -> None:
    seeded.run("insert into handled_interactions values ('77', '1', %s, '{}')", NOON - 2 * DAY)
    with psycopg.connect(seeded.url) as other:
        other.execute("select from handled_interactions for update")
        seeded.run("set lock_timeout = '5s'")
        assert deliver(seeded, "edit_event")["outcome"] == "event_edited"
        seeded.run("reset lock_timeout")


def test_no_role_of_the_api_can_read_or_write_what_is_remembered(seeded: Database) -> None:
    deliver(seeded, "edit_event")
    for role in ("anon", "authenticated", "service_role"):
        for query in ("select from handled_interactions", "delete from handled_interactions"):
            with pytest.raises(errors.InsufficientPrivilege):
                as_role(seeded, role, query)


def test_a_drop_is_told_as_it_is_by_now(seeded: Database) -> None:
    first = deliver(seeded, "create_drop")["drop"]
    seeded.run("update discord_drops set message_id = '1234' where drop_id = %s", first["drop_id"])
    seeded.run("update monitoring_rules set reward_amount = 99")
    assert deliver(seeded, "create_drop")["drop"] == first | {"message_id": "1234"}
    seeded.run("delete from monitoring_rules")
    ended = {"end_reason": "ended", "end_cause": "event_deleted", "revision": first["revision"] + 1}
    assert deliver(seeded, "create_drop")["drop"] == first | {"message_id": "1234"} | ended


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("update discord_drops set rendered_revision = 99", "shown"),
        ("update discord_drops set is_settled = true", "shown"),
        ("update discord_drops set end_reason = 'message_deleted', is_settled = true", "gone"),
        ("delete from discord_drops", "gone"),
        ("select", "later"),
    ],
)
def test_the_message_of_a_changed_drop_is_told_as_it_is_by_now(seeded: Database, change: str, message: str) -> None:
    first = seeded.call("end_drop", ADMIN, drop_id=OPEN, now=NOON)
    assert first["message"] == "yours"
    seeded.run(change)
    assert seeded.call("end_drop", ADMIN, drop_id=OPEN, now=NOON) == first | {"message": message}
