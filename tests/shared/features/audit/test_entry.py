"""The log is told in words, whatever stands in its rows, and a page fits."""

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.fake_discord import openapi
from shared.discord.reply import ephemeral_message
from shared.features.audit import changes, entry, log
from shared.interactions.registration import registration
from tests import ROOT

INFRA = ROOT / "infra" / "supabase"
ENTRY: dict[str, Any] = {
    "entry": 7,
    "at": "2026-03-10T12:00:00+00:00",
    "actor_type": "admin",
    "actor_id": "9001",
    "action": "event.updated",
    "member_id": None,
    "brand_wide": False,
    "is_test": False,
    "is_readable": True,
    "details": None,
    "before": None,
    "after": None,
}
RULE: dict[str, Any] = {
    "id": "a",
    "brand_id": "brand",
    "server_id": "77",
    "event_type": "quest",
    "label": None,
    "reward_amount": 10,
    "cooldown_hours": None,
    "max_claims_per_user": None,
    "max_total_claims": None,
    "claimable": False,
    "is_enabled": True,
    "detection_config": None,
}
SERVER: dict[str, Any] = {
    "server_id": "77",
    "brand_id": "brand",
    "server_name": None,
    "is_active": True,
    "config_metadata": None,
}


def said(**facts: Any) -> str:
    """What an entry tells after who did it."""
    return entry.audit_line(ENTRY | facts).partition("<@9001> ")[2]


def event(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What a change of the event tells."""
    return said(before=RULE | before, after=RULE | after)


def settings(before: Any, after: Any) -> str:
    """What a change of the settings tells."""
    states = {"before": SERVER | {"config_metadata": before}, "after": SERVER | {"config_metadata": after}}
    return said(action="server.updated", **states).removeprefix("changed the settings: ")


def test_a_line_says_when_who_what_and_why() -> None:
    line = entry.audit_line(
        ENTRY
        | {
            "before": RULE,
            "after": RULE | {"reward_amount": 20, "is_enabled": False},
            "details": {"reason": "a *fair*"},
        }
    )
    assert line == "<t:1773144000:R>, <@9001> changed the event `quest`: reward 10 → 20, on → off (a \\*fair\\*)"


@pytest.mark.parametrize(
    ("kind", "actor", "who"),
    [
        ("admin", "9001", "<@9001>"),
        ("user", "9001", "<@9001>"),
        ("system", "postgres", "SQL (`postgres`)"),
        ("system", "supabase_admin", "SQL (`supabase_admin`)"),
        ("system", "service_role", "a program (`service_role`)"),
        ("system", "partner-portal", "the portal (`partner-portal`)"),
        ("system", "9001", "the portal (`9001`)"),
        ("bot", "resonance", "`resonance`"),
        ("admin", "@everyone`", "`@everyone'`"),
        (None, None, "somebody"),
        ("system", "", "somebody"),
    ],
)
def test_who_it_was(kind: str | None, actor: str | None, who: str) -> None:
    assert entry.audit_line(ENTRY | {"actor_type": kind, "actor_id": actor}).startswith(f"<t:1773144000:R>, {who} ")


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({}, {"reward_amount": 12.5}, "reward 10 → 12.5"),
        ({"is_enabled": None}, {"is_enabled": False}, "on → off"),
        ({}, {"cooldown_hours": 1}, "cooldown none → 1 hour"),
        ({"cooldown_hours": 24}, {"cooldown_hours": 0}, "cooldown 24 hours → none"),
        ({}, {"max_claims_per_user": 3}, "claims per member none → 3"),
        ({"max_total_claims": 1_000}, {"max_total_claims": -1}, "claims in all 1,000 → none"),
        ({}, {"claimable": True}, "claimable no → yes"),
        ({}, {"label": "A *quest*"}, r"label none → A \*quest\*"),
        ({"label": "x"}, {"label": ""}, "label x → empty"),
        ({}, {"server_id": "78"}, "server 77 → 78"),
        ({}, {"detection_config": {"words": ["a"]}}, r'`detection_config.words` none → \["a"\]'),
        ({}, {"reward_amount": 1, "label": "x"}, "reward 10 → 1, label none → x"),
    ],
)
def test_a_change_of_an_event(before: dict[str, Any], after: dict[str, Any], change: str) -> None:
    assert event(before, after) == f"changed the event `quest`: {change}"


@pytest.mark.parametrize(
    ("before", "after"), [({}, {}), ({"cooldown_hours": -1}, {"cooldown_hours": None}), ({}, {"max_total_claims": -1})]
)
def test_what_comes_to_the_same_is_no_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert event(before, after) == "changed the event `quest`"


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"streak": {"grace_hours": 24}}, {"streak": {"grace_hours": 48}}, "streak grace 24 → 48"),
        (None, {"streak": {"grace_hours": 48}}, "streak grace default → 48"),
        ({"streak": {"grace_hours": 8}}, {"streak": {}}, "streak grace 8 → default"),
        ({"timezone": "Asia/Tokyo"}, None, "time zone Asia/Tokyo → default"),
        (
            {},
            {"streak": {"tiers": [{"days": 3, "multiplier": 1.1}, {"days": 7, "multiplier": 2}]}},
            "streak tiers default → 3 days ×1.1, 7 days ×2",
        ),
        ({}, {"streak": {"milestones": [{"days": 1, "reward": 50}]}}, "streak milestones default → 1 day 50"),
        ({}, {"streak": {"milestones": []}}, "streak milestones default → none"),
        ({}, {"streak": {"tiers": "odd"}}, "streak tiers default → odd"),
        ({"admin_roles": {"5": 1}}, {"admin_roles": {"5": 3, "6": 4}}, None),
        ({"admin_roles": {"5": 1}}, {"admin_roles": {}}, "level of <@&5> viewer → none"),
        ({}, {"role_bonuses": {"5": {"multiplier": 1.5}}}, "multiplier of <@&5> none → 1.5"),
        ({}, {"role_bonuses": {"5": {"flat": 5}}}, "bonus of <@&5> none → 5 RSNC"),
        ({}, {"role_bonuses": {"odd": {"flat": 5}}}, "bonus of odd none → 5 RSNC"),
        ({}, {"excluded_channels": ["1", "2"]}, "channels without rewards none → <#1>, <#2>"),
        ({"excluded_channels": ["1"]}, {"excluded_channels": []}, "channels without rewards <#1> → none"),
        ({"excluded_channels": ["1"]}, {"excluded_channels": ["1"] * 9}, "channels without rewards <#1> → 9 channels"),
        ({}, {"admin_channel": "3"}, "admin channel none → <#3>"),
        ({}, {"test_mode": {"enabled": True, "role": "5"}}, "test mode off → on, testers none → <@&5>"),
        ({}, {"a_later_setting": {"deep": 1}}, "`a_later_setting.deep` none → 1"),
    ],
)
def test_a_change_of_the_settings(before: Any, after: Any, change: str | None) -> None:
    if change is None:
        change = "level of <@&5> viewer → event manager, level of <@&6> none → full admin"
    assert settings(before, after).replace("config_metadata.", "") == change


def test_the_connection_is_told_in_words() -> None:
    off = SERVER | {"is_active": False}
    assert said(action="server.updated", before=SERVER, after=off) == "disconnected this server"
    assert said(action="server.updated", before=off, after=SERVER) == "connected this server again"
    both = said(action="server.updated", before=off, after=SERVER | {"brand_id": "other"})
    assert both == "changed the settings: brand brand → other, disconnected → connected"
    assert said(action="server.created", after=SERVER) == "connected this server to the brand brand"
    assert said(action="server.deleted", before=SERVER).endswith("its brand was brand")


def test_what_is_created_or_deleted_is_told_by_its_essentials() -> None:
    rule = RULE | {"cooldown_hours": 1, "claimable": True, "is_enabled": False}
    essentials = "`quest`: reward 10, off, cooldown 1 hour, claimable yes"
    assert said(action="event.created", after=rule) == f"created the event {essentials}"
    assert said(action="event.deleted", before=rule) == f"deleted the event {essentials}"
    wide = said(action="event.created", after=rule | {"server_id": None}, brand_wide=True)
    assert wide == f"created the brand-wide event {essentials}"


DROP = {"title": "Quest", "reward": 40, "max_claims": 3, "channel_id": "88", "label": None, "expires_at": None}


@pytest.mark.parametrize(
    ("action", "details", "told"),
    [
        ("drop.created", None, "created the drop **Quest** in <#88>: reward 40, claims in all 3"),
        ("drop.ended", None, "ended the drop **Quest**"),
        (
            "drop.ended",
            {"paid": {"claims": 2, "amount": 80}},
            "ended the drop **Quest**, which had paid 80 RSNC to 2 members",
        ),
        (
            "drop.cancelled",
            {"paid": {"claims": 1, "amount": 40}},
            "cancelled the drop **Quest**, which had paid 40 RSNC to 1 member",
        ),
        ("drop.cancelled", {"paid": {"claims": 0, "amount": 0}}, "cancelled the drop **Quest**"),
    ],
)
def test_a_drop(action: str, details: Any, told: str) -> None:
    assert said(action=action, details=details, after=DROP) == told


def test_an_edited_drop_tells_what_people_see_of_it() -> None:
    after = DROP | {"max_claims": None, "expires_at": "2026-03-10T12:00:00+00:00", "revision": 2, "claims_count": 5}
    assert said(action="drop.edited", before=DROP, after=after) == (
        "changed the drop **Quest**: claims in all 3 → none, ends never → <t:1773144000:R>"
    )


PAID = {"amount": 40, "event_type": "quest", "reason": "help"}


@pytest.mark.parametrize(
    ("action", "before", "after", "told"),
    [
        ("reward.given", None, PAID, "gave <@1002> 40 RSNC for quest (help)"),
        ("reward.given", None, PAID | {"details": {"event": "A *q*"}}, r"gave <@1002> 40 RSNC for A \*q\* (help)"),
        ("reward.given", None, {}, "gave <@1002> none"),
        ("reward.revoked", None, PAID | {"amount": -40}, "took 40 RSNC for quest back from <@1002> (help)"),
        ("member.disabled", None, {"reason": "spam"}, "paused the rewards of <@1002> (spam)"),
        (
            "member.disabled",
            {"reason": "a"},
            {"reason": "b"},
            "changed why the rewards of <@1002> are paused (b)",
        ),
        ("member.enabled", {"reason": "spam"}, None, "let <@1002> earn again"),
        ("economy.reset", None, None, "did `economy.reset` about <@1002>"),
        ("economy`reset", {"a": 1}, {"a": 2}, "did `economy'reset` about <@1002>: `a` 1 → 2"),
        ("economy.reset", 1, [2], r"did `economy.reset` about <@1002>: 1 → \[2\]"),
    ],
)
def test_what_was_done_to_a_member(action: str, before: Any, after: Any, told: str) -> None:
    assert said(action=action, before=before, after=after, member_id="1002") == told


def test_a_member_who_is_none_pings_nothing() -> None:
    assert said(action="member.enabled", member_id="@here`") == "let `@here'` earn again"
    assert said(action="member.enabled") == "let a member earn again"


def test_very_many_changes_are_cut() -> None:
    after = {f"setting_{number:02}": "*" * 100 for number in range(30)}
    told = settings(None, after)
    assert re.search(r"… and \d+ more$", told)
    assert len(told) < 230
    assert settings(None, {"x": {}}) == "changed the settings"


def test_marks_of_an_entry() -> None:
    assert entry.audit_line(ENTRY | {"is_test": True}).endswith(" (test)")
    assert entry.audit_line(ENTRY | {"is_readable": False}).endswith(" (too long to show)")
    assert entry.audit_line(ENTRY | {"at": None}).startswith("Some time ago, ")


# --- All that is written


def known_actions() -> set[str]:
    """The actions that the SQL functions and triggers write."""
    source = "\n".join(path.read_text() for path in INFRA.rglob("*.sql"))
    quoted = set(re.findall(r"'((?:drop|reward|member|event|server)\.[a-z]+)'", source))
    triggers = re.findall(r"audit_change\('(\w+)'\)", source)
    return quoted | {f"{noun}.{done}" for noun in triggers for done in ("created", "updated", "deleted")}


def test_every_action_that_we_write_has_words() -> None:
    assert {"drop.ended", "reward.revoked", "server.deleted"} <= known_actions()
    assert known_actions() - set(entry._ACTIONS) == set()


def test_every_type_has_a_name() -> None:
    (command,) = (c for c in registration() if c["name"] == "audit")
    (choices,) = (option["choices"] for option in command["options"] if option["name"] == "type")
    assert {choice["value"]: choice["name"] for choice in choices} == {
        "settings": "Settings",
        "events": "Events",
        "drops": "Drops",
        "watches": "Watches",
        "rewards": "Rewards",
        "members": "Members",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**299), 10**299) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
# Where our own states have something, anything may stand.
NAMES = [
    *{key for path in changes._FIELDS for key in path},
    "title",
    "channel_id",
    "amount",
    "details",
    "paid",
    "claims",
]
STATES = JSON | st.dictionaries(
    st.sampled_from([*NAMES, "reason", "event"]), JSON | st.dictionaries(st.sampled_from(NAMES), JSON), max_size=12
)


@example("server.updated", None, None, None, None, None, {"config_metadata": {"admin_roles": []}})
@given(
    st.sampled_from([*entry._ACTIONS, ""]) | st.text(max_size=200),
    st.text(max_size=200) | st.none(),
    st.sampled_from(["admin", "bot", "system", "user", None]),
    st.text(max_size=200) | st.sampled_from(["9" * 20, None]),
    STATES,
    STATES,
    STATES,
)
def test_whatever_is_in_the_rows_a_page_fits(
    action: str, actor: str | None, kind: str | None, member: str | None, details: Any, before: Any, after: Any
) -> None:
    entry = ENTRY | {"action": action, "actor_id": actor, "actor_type": kind, "member_id": member, "is_test": True}
    entry |= {"details": details, "before": before, "after": after}
    result = {"entries": [entry] * 8, "has_newer": True, "has_older": True, "member_id": "9" * 20, "type": "settings"}
    shown = log.render(result, "9" * 20)
    openapi.check_reply(json.loads(json.dumps(ephemeral_message(shown))))
    description = shown["embeds"][0]["description"]
    assert description.count("\n<t:1773144000:R>, ") == 8
    assert not description.endswith("…")


LONGEST = "*" * 500


@pytest.mark.parametrize("action", [*entry._ACTIONS, LONGEST])
@pytest.mark.parametrize("actor", ["9" * 20, LONGEST])
def test_eight_of_the_longest_fit_a_page(action: str, actor: str) -> None:
    paid = {"paid": {"claims": 10**200, "amount": 1e300}, "event": LONGEST}
    state = {"title": LONGEST, "event_type": LONGEST, "amount": -1e12, "reason": LONGEST, "channel_id": "9" * 20}
    state |= {"details": paid, "reward": LONGEST, "label": LONGEST, "reward_amount": LONGEST, "description": LONGEST}
    before = dict.fromkeys(state, LONGEST[1:])
    entry = ENTRY | {"action": action, "actor_id": actor, "actor_type": "system", "member_id": "9" * 20}
    entry |= {"before": before, "after": state, "details": paid, "is_test": True, "brand_wide": True}
    result = {"entries": [entry] * 8, "member_id": "9" * 20, "type": "settings"}
    assert len(log.audit_page(result)) <= 3_500
