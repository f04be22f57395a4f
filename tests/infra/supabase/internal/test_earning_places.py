"""Who earns in test mode, and in which channels, by every way to earn."""

from dataclasses import replace

import pytest

from tests.infra.supabase.internal.problems import (
    IN_UNKNOWN_CATEGORY,
    OTHERS,
    PROBLEMS,
    TESTERS,
    VIEWERS,
    claim,
    setting,
)
from tests.sql import BOB, NOON, SECOND, Caller, Database, Row


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
def test_who_earns_in_test_mode(earnable: Database, member: Caller, outcome: str) -> None:
    setting("test_mode", {"enabled": True, "role": TESTERS})(earnable)
    setting("admin_roles", {VIEWERS: 1})(earnable)
    assert claim(earnable, earnable.add_drop(), member)["outcome"] == outcome


def test_test_mode_without_a_role_is_for_admins_alone(earnable: Database) -> None:
    setting("test_mode", {"enabled": True})(earnable)
    assert claim(earnable, earnable.add_drop(), Caller("1002", role_ids=(TESTERS,)))["outcome"] == "test_mode"
    assert claim(earnable, earnable.add_drop(), Caller("1002", manages_server=True))["outcome"] == "claimed"


@pytest.mark.parametrize("mode", [{}, {"enabled": False, "role": TESTERS}, {"role": TESTERS}])
def test_test_mode_that_is_off(earnable: Database, mode: Row) -> None:
    setting("test_mode", mode)(earnable)
    assert claim(earnable, earnable.add_drop())["outcome"] == "claimed"


@pytest.mark.parametrize("signed", [{}, {"is_pending": False}, {"timed_out_until": NOON}, {"parent_ids": ()}])
def test_what_discord_signs_of_a_member_who_may_earn(earnable: Database, signed: Row) -> None:
    assert claim(earnable, earnable.add_drop(), replace(BOB, **signed))["outcome"] == "claimed"


def test_a_time_out_ends_to_the_second(earnable: Database) -> None:
    drop, member = earnable.add_drop(), replace(BOB, timed_out_until=NOON + SECOND)
    assert claim(earnable, drop, member) == {"outcome": "member_timed_out", "until": "2026-03-10T12:00:01+00:00"}
    assert earnable.call("claim_drop", member.again(), drop_id=drop, now=NOON + SECOND)["outcome"] == "claimed"


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
    earnable: Database, excluded: list[str], parent_ids: tuple[str, ...] | None, found: str | None
) -> None:
    setting("excluded_channels", excluded)(earnable)
    told = claim(earnable, earnable.add_drop(), replace(BOB, parent_ids=parent_ids))
    assert (told["outcome"], told.get("excluded")) == ("channel_excluded" if found else "claimed", found)


@pytest.mark.parametrize(
    ("excluded", "outcome"),
    [(None, "claimed"), ([], "claimed"), (["87"], "channel_excluded"), (["8"], "category_needed")],
)
def test_a_category_is_asked_for_only_where_it_decides(
    earnable: Database, excluded: list[str] | None, outcome: str
) -> None:
    earnable.set_settings(None if excluded is None else {"excluded_channels": excluded})
    assert claim(earnable, earnable.add_drop(), replace(BOB, **IN_UNKNOWN_CATEGORY))["outcome"] == outcome


def test_a_redelivery_from_an_unknown_category_gets_what_was_paid(earnable: Database) -> None:
    drop = earnable.add_drop()
    first = earnable.call("claim_drop", BOB, drop_id=drop, now=NOON)
    member = PROBLEMS["category_needed"](earnable)
    assert earnable.call("claim_drop", member, drop_id=drop, now=NOON) == first


def test_another_channel_is_not_excluded(earnable: Database) -> None:
    setting("excluded_channels", ["87", "888"])(earnable)
    assert claim(earnable, earnable.add_drop())["outcome"] == "claimed"
