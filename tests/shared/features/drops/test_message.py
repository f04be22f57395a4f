"""The message of a drop: claimed by a click, and healed when the drop is over."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import COMPONENT, Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ALICE, BOB, CAROL
from shared.features.drops import message as drops
from shared.features.drops.discord_problems import discord_problem
from shared.features.drops.message import place
from tests import ROOT
from tests.drops import create, the_drop
from tests.shared.features.rows import has_streak
from tests.sql import Database

Json = dict[str, Any]


@pytest.fixture
def message(server: Client, local_discord: FakeDiscord) -> Json:
    """The message of a drop with room for two."""
    create(server, max_claims=2)
    (posted,) = local_discord.messages(server.channel_id)
    return posted


def test_a_claim_pays_and_tells_everything(server: Client, message: Json, db: Database) -> None:
    reply = server.click(message, "Claim", user=BOB)
    assert reply.kind == 4
    assert reply.ephemeral
    assert reply.text == "You got **5 RSNC**!\nYou are 1 of 2. Your total is now **5 RSNC**."
    assert "You are 2 of 2" in server.click(message, "Claim", user=CAROL).text
    db.assert_books_agree(server.guild_id)


def test_the_total_is_the_members_own(server: Client, message: Json) -> None:
    server.slash("daily", user=BOB)
    assert "Your total is now **30 RSNC**" in server.click(message, "Claim", user=BOB).text


@pytest.mark.usefixtures("at_noon")
def test_how_it_came_about_is_told_when_a_bonus_played_a_part(server: Client, message: Json, db: Database) -> None:
    bonus = Jsonb({"role_bonuses": {"77": {"multiplier": 1.5, "flat": 2}}})
    db.run("update discord_server_configs set config_metadata = %s", bonus)
    has_streak(db, server, BOB, 7)
    click = {"component_type": 2, "custom_id": message["components"][0]["components"][0]["custom_id"], "id": 2}
    member = BOB.member() | {"roles": ["77"]}
    reply = server.interact(COMPONENT, click, BOB, member=member, message=message)
    assert "**11.38 RSNC**! (5 RSNC, streak of 7 days ×1.25, role ×1.5, role +2 RSNC)" in reply.text


def test_a_second_click_says_what_the_first_paid(server: Client, message: Json, db: Database) -> None:
    server.click(message, "Claim", user=BOB)
    claimed_at = int(db.value("select claimed_at from discord_drop_claims").timestamp())
    reply = server.click(message, "Claim", user=BOB)
    assert reply.ephemeral
    assert f"You already have this one: you claimed **5 RSNC** <t:{claimed_at}:R>." in reply.text
    db.assert_books_agree(server.guild_id)


def test_a_redelivered_click_gets_the_same_reply(server: Client, message: Json, db: Database) -> None:
    first = server.click(message, "Claim", user=BOB)
    assert server.redeliver(first).body == first.body
    assert db.value("select count(*) from reward_ledger") == 1


def test_a_drop_of_another_server_does_not_exist_here(server: Client, message: Json, db: Database) -> None:
    reply = server.interact(
        COMPONENT,
        {"component_type": 2, "custom_id": f"claim:{the_drop(db)['drop_id']}", "id": 2},
        BOB,
        guild_id="520000000000000002",
        message=message,
    )
    assert reply.text == "This drop no longer exists."


def test_a_cooldown_says_until_when(server: Client, local_discord: FakeDiscord, db: Database) -> None:
    create(server, event="regular_engagement")
    create(server, event="regular_engagement")
    first, second = local_discord.messages(server.channel_id)
    server.click(first, "Claim", user=BOB)
    at = db.value("select last_claimed_at from event_claims") + timedelta(hours=1)
    reply = server.click(second, "Claim", user=BOB)
    assert reply.ephemeral
    assert f"<t:{int(at.timestamp())}:R>" in reply.text


ENDED = "update discord_drops set ended_at = now(), end_reason = %s"


def facts(db: Database) -> Json:
    """What the message of the one drop should show, as the schedule is told."""
    db.run("update discord_drops set rendered_revision = 0, render_after = 'epoch', is_settled = false")
    (found,) = db.call("expire_drops")["drops"]
    return dict(found)


@pytest.mark.parametrize("reason", ["expired", "sold_out", "ended", "cancelled"])
def test_a_stale_message_heals_by_itself(server: Client, message: Json, db: Database, reason: str) -> None:
    db.run(ENDED, reason)
    reply = server.click(message, "Claim", user=BOB)
    assert reply.kind == 7
    assert reply.data == drops.render(facts(db))
    assert "This drop" in reply.text
    with pytest.raises(NotOfferedError):
        reply.click("Claim", user=CAROL)
    assert db.value("select count(*) from reward_ledger") == 0


def test_a_message_heals_the_moment_its_time_is_up(server: Client, message: Json, db: Database) -> None:
    db.run("update discord_drops set expires_at = now() - interval '1 second'")
    reply = server.click(message, "Claim", user=BOB)
    assert reply.kind == 7
    assert "its time was up" in reply.text
    db.run("update discord_drops set ended_at = expires_at, end_reason = 'expired'")
    assert reply.data == drops.render(facts(db))


def test_after_the_last_claim_a_click_shows_the_end(server: Client, message: Json, db: Database) -> None:
    for user in (ALICE, BOB):
        assert "You got" in server.click(message, "Claim", user=user).text
    reply = server.click(message, "Claim", user=CAROL)
    assert reply.kind == 7
    assert "every claim was taken" in reply.text
    assert "2 of 2 claimed" in reply.text
    assert reply.data == drops.render(facts(db))
    db.assert_books_agree(server.guild_id)


def test_a_claimer_of_a_drop_that_is_over_heals_it_too(server: Client, message: Json, db: Database) -> None:
    server.click(message, "Claim", user=BOB)
    db.run(ENDED, "ended")
    assert server.click(message, "Claim", user=BOB).kind == 7


def test_the_same_function_renders_when_posting_and_when_healing(server: Client, message: Json, db: Database) -> None:
    rendered = drops.render(facts(db))
    assert message["embeds"][0] == {"type": "rich", **rendered["embeds"][0]}
    assert message["content"] == rendered["content"]


# --- Words


DROPS_SQL = ROOT / "infra" / "supabase" / "migrations" / "013_money.sql"  # the newest keep_drop_consistent
DROP = {
    "event": "Quest",
    "reward": 10,
    "claims_count": 7,
    "max_claims": 100,
    "expires_at": "2026-03-10T12:00:00+00:00",
    "ended_at": None,
    "end_reason": None,
}


def test_an_open_drop_tells_what_to_do() -> None:
    lines = drops.drop_lines(DROP)
    assert "**10 RSNC**" in lines
    assert "7 of 100 claimed" in lines
    assert "<t:1773144000:R>" in lines
    assert "7 claims" in drops.drop_lines(DROP | {"max_claims": None})
    assert "<t:" not in drops.drop_lines(DROP | {"expires_at": None})


def test_what_nobody_sees_is_in_no_drop_and_links_show_where_they_lead() -> None:
    typed = {
        "title": "Q\u202euest\n*",
        "label": "Cl\u2066aim",
        "description": "**5** [x]\u200b(https://evil.example)\u202e",
    }
    message = drops.render(DROP | {"drop_id": str(uuid4())} | typed)
    (embed,), (row,) = message["embeds"], message["components"]
    assert embed["title"] == r"Drop: Quest \*"
    assert embed["description"].startswith("**5** [x]\\(https://evil.example)\n\nPress the button")
    assert row["components"][0]["label"] == "Claim"
    typed["label"] = "\u200b\u3164"
    (row,) = drops.render(DROP | {"drop_id": str(uuid4())} | typed)["components"]
    assert row["components"][0]["label"] == drops.BUTTON


def test_every_way_to_end_is_told() -> None:
    constraint = re.search(r"end_reason not in \((.*?)\)", DROPS_SQL.read_text(), re.DOTALL)
    assert constraint
    reasons = set(re.findall(r"'([a-z_]+)'", constraint[1]))
    assert reasons == set(drops.ENDINGS)
    for reason in reasons:
        assert "Press the button" not in drops.drop_lines(DROP | {"end_reason": reason})
        has_result = "7 of 100 claimed" in drops.drop_lines(DROP | {"end_reason": reason})
        assert has_result == (reason != "cancelled")


def test_a_place() -> None:
    assert place(7, 100) == "You are 7 of 100."
    assert place(1_234, None) == "You are number 1,234."


# --- Why Discord refused the message


@pytest.mark.parametrize("code", [50001, 50013, 10003, 50008, 160005])
def test_why_discord_refused_is_told_in_words(code: int) -> None:
    assert str(code) not in discord_problem(code)


def test_an_unknown_refusal_is_told_with_its_code() -> None:
    assert "12345" in discord_problem(12345)


def test_a_refusal_without_a_code_is_no_error_0() -> None:
    assert "error 0" not in discord_problem(0)
