"""A drop whose server leaves the brand, or whose event is deleted: members and admins read why it is over."""

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB
from tests.drops import Json, Run, admin, shown
from tests.sql import KEY, Database

LEFT = "This drop has ended: this server has left the brand that it was for."
DELETED = "This drop has ended: its event was deleted."


def disconnect(server: Client) -> str:
    return server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN).text


def delete(server: Client) -> str:
    return server.slash("config events delete", name="news_tracker", user=ADMIN).click("Delete it").text


ENDINGS = {"server_left": (disconnect, LEFT), "event_deleted": (delete, DELETED)}


@pytest.mark.parametrize("reason", ENDINGS)
def test_the_message_says_why(
    server: Client, message: Json, local_discord: FakeDiscord, db: Database, run_schedule: Run, reason: str
) -> None:
    end, told = ENDINGS[reason]
    assert "You got" in server.click(message, "Claim", user=BOB).text
    assert "1 open drop" in end(server)
    assert run_schedule()["rendered"] == 1
    assert told in shown(local_discord, message)
    assert "1 of 10 claimed" in shown(local_discord, message)
    assert db.one("select end_reason, is_settled from discord_drops") == {"end_reason": reason, "is_settled": True}


@pytest.mark.parametrize("reason", ENDINGS)
def test_a_click_before_that_heals_the_message(server: Client, message: Json, db: Database, reason: str) -> None:
    end, told = ENDINGS[reason]
    end(server)
    reply = server.click(message, "Claim", user=ALICE)
    assert reply.kind == 7
    assert told in reply.text
    assert db.rows("select from reward_ledger") == []


def test_an_admin_who_ends_it_reads_why_it_is_over(server: Client, db: Database, message: Json, drop: str) -> None:
    db.add_brand("0xother")
    delete(server)
    assert "Its event was deleted, which ended it" in admin(server, "end", drop=drop).text
    disconnect(server)
    server.slash("setup connect", brand_id="0xother", key=KEY, user=ADMIN)
    assert "is over already" in admin(server, "cancel", drop=drop).text


def test_an_admin_reads_that_the_server_left(server: Client, db: Database, message: Json, drop: str) -> None:
    db.add_brand("0xother")
    disconnect(server)
    server.slash("setup connect", brand_id="0xother", key=KEY, user=ADMIN)
    assert "This server left the brand that it was for, which ended it" in admin(server, "end", drop=drop).text


def test_without_open_drops_nothing_is_said_of_them(server: Client) -> None:
    assert "drop" not in delete(server)
    assert "drop" not in disconnect(server)
