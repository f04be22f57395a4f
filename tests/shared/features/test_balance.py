"""/balance: what a member has, as the ledger says."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL, DAVE
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, earned, labels
from tests.sql import Database


def test_ones_own_balance_is_the_ledgers_sum(server: Client, db: Database, rpc_calls: list[str]) -> None:
    earned(db, server, BOB, 1_234.25)
    earned(db, server, CAROL, 2_000)
    server.slash("daily", user=BOB)
    rpc_calls.clear()
    reply = server.slash("balance", user=BOB)
    assert rpc_calls == ["get_balance"]
    assert reply.ephemeral
    assert reply.text == "Balance\nYou have **1,259.25 RSNC** and rank **2** in this server.\nYour streak is **1 day**."
    assert reply.components == []
    assert db.value("select sum(amount) from reward_ledger where discord_user_id = %s", BOB.id) == 1259.25


def test_another_members_balance_names_them(server: Client, db: Database) -> None:
    earned(db, server, CAROL, 12.5)
    reply = server.slash("balance", member=CAROL, user=BOB)
    assert reply.ephemeral
    assert f"<@{CAROL.id}> has **12.5 RSNC** and rank **1** in this server.\nThey have no streak" in reply.text
    assert reply.components == []
    own = server.slash("balance", member=BOB, user=BOB)
    assert "You have **0 RSNC**" in own.text
    assert labels(own) == [("Check in", False)]


def test_who_has_nothing_has_no_rank(server: Client, db: Database) -> None:
    earned(db, server, CAROL, 12.5)
    earned(db, server, DAVE, 5)
    earned(db, server, DAVE, -7.5, source="reversal", reason="a mistake")
    assert "You have **0 RSNC** and no rank in this server yet." in server.slash("balance", user=BOB).text
    assert "You have **-2.5 RSNC** and no rank in this server yet." in server.slash("balance", user=DAVE).text


def test_a_large_balance_is_exact(server: Client, db: Database) -> None:
    earned(db, server, BOB, 999_999_999_999.99)
    assert "**999,999,999,999.99 RSNC**" in server.slash("balance", user=BOB).text


def test_it_stays_readable_after_a_disconnect(server: Client, db: Database) -> None:
    earned(db, server, BOB, 7)
    server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    assert "**7 RSNC**" in server.slash("balance", user=BOB).text


def test_a_server_that_was_never_connected_says_so(discord: Client) -> None:
    assert "not connected" in discord.slash("balance", user=BOB).text


@pytest.mark.parametrize("value", [*ODD_VALUES, "1' or 1=1", "<@1>", "9" * 21], ids=lambda value: repr(value)[:20])
def test_an_odd_member_is_a_sentence(server: Client, value: Any) -> None:
    assert_said(by_hand(server, "balance", BOB, member=value))


def test_a_member_whom_nobody_knows_has_nothing(server: Client) -> None:
    assert "<@1> has **0 RSNC** and no rank" in by_hand(server, "balance", BOB, member="1").text
