"""/join: the welcome bonus, once in a lifetime."""

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL
from tests.shared.features.rows import assert_said, by_hand
from tests.sql import Database


def test_the_welcome_bonus_is_paid_once(server: Client, db: Database, rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    reply = server.slash("join", user=BOB)
    assert rpc_calls == ["claim_welcome_bonus"]
    assert reply.ephemeral
    assert reply.text.startswith("Welcome! You got **50 RSNC**.\nYour total is now **50 RSNC**.")
    at = db.value("select floor(extract(epoch from created_at))::bigint from reward_ledger")
    again = server.slash("join", user=BOB)
    assert again.text == f"You already have your welcome bonus: you got **50 RSNC** <t:{at}:R>."
    assert server.redeliver(reply).body == reply.body
    assert "Welcome!" in server.slash("join", user=CAROL).text
    assert db.value("select count(*) from reward_ledger") == 2
    db.assert_books_agree(server.guild_id)


def test_a_streak_raises_it_as_every_reward(server: Client, db: Database) -> None:
    server.slash("daily", user=BOB)
    db.run("update discord_user_streaks set current_streak = 7, longest_streak = 7")
    reply = server.slash("join", user=BOB)
    assert "**62.5 RSNC**. (50 RSNC, streak of 7 days ×1.25)" in reply.text
    assert "total is now **87.5 RSNC**" in reply.text


def test_a_bonus_that_is_off_or_gone_says_so(server: Client) -> None:
    server.slash("config events toggle", name="welcome_bonus", user=ADMIN)
    assert "switched off" in server.slash("join", user=BOB).text
    server.slash("config events delete", name="welcome_bonus", user=ADMIN).click("Delete it")
    assert "There is no welcome bonus in this server" in server.slash("join", user=BOB).text


def test_an_option_that_it_does_not_have_is_a_sentence(server: Client, db: Database) -> None:
    reply = by_hand(server, "join", BOB, event="welcome_bonus")
    assert_said(reply)
    assert "`event` is not an option of this command" in reply.text
    assert db.value("select count(*) from reward_ledger") == 0


def test_a_server_that_is_not_connected_says_so(discord: Client) -> None:
    assert "not connected" in discord.slash("join", user=BOB).text
