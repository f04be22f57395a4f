"""/cooldowns: what can be taken now, and when the rest is ready."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra.fake_discord import openapi
from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL
from shared.discord.reply import embed, ephemeral_message, message_payload
from shared.features import cooldowns
from tests.shared.features.rows import assert_said, by_hand, claimable, earned, labels, stamp
from tests.sql import DAY, HOUR, NOON, Database

pytestmark = pytest.mark.usefixtures("at_noon")


def test_what_is_ready_says_how_to_take_it(server: Client, db: Database, rpc_calls: list[str]) -> None:
    claimable(db, server, label="A *quest*")
    claimable(db, server, "show_up", 7.5)
    rpc_calls.clear()
    reply = server.slash("cooldowns", user=BOB)
    assert rpc_calls == ["get_cooldowns"]
    assert reply.ephemeral
    lines = reply.text.splitlines()
    assert "Daily check-in: ready, take it with `/daily`." in lines
    assert r"A \*quest\*: **40 RSNC**, `/claim event:quest`" in lines
    assert "`show_up`: **7.5 RSNC**, `/claim event:show_up`" in lines
    assert "Welcome bonus: **50 RSNC**, `/join`" in lines


def test_a_check_in_that_is_open_is_a_button(server: Client, db: Database) -> None:
    reply = server.slash("cooldowns", user=BOB)
    assert labels(reply) == [("Check in", False)]
    assert "You got **25 RSNC**" in reply.click("Check in", user=BOB).text
    assert server.slash("cooldowns", user=BOB).components == []
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"test_mode": {"enabled": True}}))
    assert server.slash("cooldowns", user=CAROL).components == []


def test_after_a_check_in_the_next_day_is_told_in_the_servers_zone(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"timezone": "Pacific/Auckland"}))
    server.slash("daily", user=BOB)
    text = server.slash("cooldowns", user=BOB).text
    midnight = datetime(2026, 3, 11, 11, tzinfo=UTC)  # the next one there
    assert f"Daily check-in: opens {stamp(midnight)}. Your streak is 1 day." in text


def test_what_waits_says_until_when_the_soonest_first(server: Client, db: Database) -> None:
    claimable(db, server, "slow", label="Slow one", cooldown_hours=48)
    claimable(db, server, "fast", label="Fast one", cooldown_hours=2)
    claimable(db, server, "once", label="Once only", max_claims_per_user=1)
    for event in ("slow", "fast", "once"):
        server.slash("claim", event=event, user=BOB)
    text = server.slash("cooldowns", user=BOB).text
    later = text[text.index("**Later**") :]
    assert later.splitlines()[:3] == [
        "**Later**",
        f"Fast one: {stamp(NOON + 2 * HOUR)}",
        f"Slow one: {stamp(NOON + 2 * DAY)}",
    ]
    assert later.splitlines()[-2:] == ["**Used up**", "Once only"]
    assert "Fast one: **40 RSNC**" in server.slash("cooldowns", user=CAROL).text


def test_a_server_in_which_nothing_can_be_taken_says_so(server: Client, db: Database) -> None:
    db.run("delete from monitoring_rules")
    assert "Look out for drops" in server.slash("cooldowns", user=BOB).text


def test_very_many_events_still_fit(server: Client, db: Database) -> None:
    for number in range(150):
        claimable(db, server, f"event_with_a_long_name_{number:03}", label="*" * 80)
    reply = server.slash("cooldowns", user=BOB)
    assert "more" in reply.text.splitlines()[-1]


def test_a_server_that_is_not_connected_says_so(server: Client, db: Database) -> None:
    earned(db, server, BOB, 5)
    server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    reply = server.slash("cooldowns", user=BOB)
    assert_said(reply)
    assert "not connected" in reply.text


def test_an_option_that_it_does_not_have_is_a_sentence(server: Client) -> None:
    assert_said(by_hand(server, "cooldowns", BOB, event="quest"))


def test_a_reaction_that_did_not_pay_says_why_and_where(server: Client, db: Database) -> None:
    where = {"server_id": server.guild_id, "channel_id": server.channel_id, "message_id": "99"}
    drop = db.add_drop(drop_type="reaction", emoji="🎉", title="News *tracker*", **where)
    refusal = {"outcome": "cooldown", "event": "News tracker", "retry_at": (NOON + HOUR).isoformat()}
    db.run(
        "insert into reaction_refusals values (%s, %s, %s, %s, %s)",
        *(server.guild_id, BOB.id, drop, Jsonb(refusal), NOON - HOUR),
    )
    link = f"https://discord.com/channels/{server.guild_id}/{server.channel_id}/99"
    text = server.slash("cooldowns", user=BOB).text
    assert text.splitlines()[-2:] == [
        "**Reactions that did not pay**",
        rf"[News \*tracker\*]({link}), {stamp(NOON - HOUR)}: "
        f"You can earn **News tracker** again {stamp(NOON + HOUR)}.",
    ]
    assert "Reactions" not in server.slash("cooldowns", user=CAROL).text


# --- Words


AT = "2026-03-10T12:00:00+00:00"
COOLDOWNS: dict[str, Any] = {
    "refusal": None,
    "daily": None,
    **{name: [] for name in ("ready", "waiting", "used_up", "reactions")},
}


def test_nothing_to_take_is_said() -> None:
    assert "Look out for drops" in cooldowns.cooldowns_page(COOLDOWNS)


def test_what_is_used_up_is_named() -> None:
    used_up = [{"event": "photo", "label": "Photo of the day"}, {"event": "once", "label": ""}]
    shown = cooldowns.cooldowns_page(COOLDOWNS | {"used_up": used_up})
    assert shown.splitlines() == ["**Used up**", "Photo of the day", "`once`"]


def test_who_can_take_nothing_reads_that_first() -> None:
    refusal = {"outcome": "member_disabled", "reason": "Spam."}
    ready = [{"event": "photo", "label": None, "reward": 5}]
    daily = {"next_at": None, "streak": 3}
    shown = cooldowns.cooldowns_page(COOLDOWNS | {"refusal": refusal, "ready": ready, "daily": daily})
    assert shown.startswith("**Not now:** An admin has paused your rewards in this server: Spam. They resume")
    assert "ready" not in shown.lower()


def test_where_rewards_are_off_the_rest_is_ready_elsewhere() -> None:
    refusal = {"outcome": "channel_excluded", "channel_id": "1", "excluded": "1"}
    ready = [{"event": "photo", "label": None, "reward": 5}]
    shown = cooldowns.cooldowns_page(COOLDOWNS | {"refusal": refusal, "ready": ready})
    assert "**Ready in another channel**\n`photo`" in shown


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ({"outcome": "drop_full"}, "Every claim was taken before yours."),
        ({"outcome": "channel_excluded", "channel_id": "8", "excluded": "8"}, "Rewards are off in <#8>."),
        ({"outcome": "test_mode"}, "Test mode is on: only testers earn until an admin switches it off."),
    ],
)
def test_a_reaction_to_what_is_gone_is_told_too(refusal: dict[str, Any], said: str) -> None:
    gone = {"title": None, "server_id": None, "channel_id": None, "message_id": None}
    reactions = [{"refusal": refusal, "at": AT} | gone]
    shown = cooldowns.cooldowns_page(COOLDOWNS | {"reactions": reactions})
    assert shown.splitlines()[-1] == f"A drop, <t:1773144000:R>: {said}"


@given(st.lists(st.tuples(st.text(min_size=1, max_size=300), st.none() | st.text(max_size=3_000)), max_size=200))
def test_cooldowns_fit(names: list[tuple[str, str | None]]) -> None:
    events = [{"event": event, "label": label, "reward": 1, "retry_at": AT} for event, label in names]
    refusal = {"outcome": "member_disabled", "reason": "x" * 1_000}
    daily = {"next_at": AT, "streak": 3}
    reactions = [
        {"refusal": refusal, "at": AT, "title": label or event, "server_id": "1", "channel_id": "2", "message_id": "3"}
        for event, label in names[:5]
    ]
    elsewhere = {"outcome": "channel_excluded", "channel_id": "1", "excluded": "1"}
    for why in (refusal, elsewhere):
        page = cooldowns.cooldowns_page(
            {"refusal": why, "daily": daily, "ready": events, "waiting": events, "used_up": events}
            | {"reactions": reactions}
        )
        shown = embed(cooldowns.TITLE, page)
        assert shown["description"] == page
        openapi.check_reply(json.loads(json.dumps(ephemeral_message(message_payload(embeds=[shown])))))
