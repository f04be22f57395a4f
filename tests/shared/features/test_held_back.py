"""Members whom Discord holds back: who has not accepted the server's rules, and who is in time-out, earns nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, CAROL, Member
from tests.shared.features.rows import claimable, has_streak, stamp
from tests.sql import HOUR, NOON, Database

Json = dict[str, Any]

EARNING: dict[str, Callable[[Client, Json, Member], Reply]] = {
    "daily": lambda client, _, member: client.slash("daily", user=member),
    "claim": lambda client, _, member: client.slash("claim", event="quest", user=member),
    "join": lambda client, _, member: client.slash("join", user=member),
    "streak claim": lambda client, _, member: client.slash("streak claim", user=member),
    "the button of a drop": lambda client, drop, member: client.click(drop, "Claim", user=member),
}
UNTIL = NOON + HOUR
HELD_BACK = {
    "pending": (replace(CAROL, pending=True), "as soon as you have accepted this server's rules"),
    "timed out": (
        replace(CAROL, timed_out_until=UNTIL.timestamp()),
        f"You are in time-out here. You can earn again {stamp(UNTIL)}.",
    ),
}


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("earning", EARNING)
@pytest.mark.parametrize("why", HELD_BACK)
def test_they_are_told_why_and_paid_nothing(
    server: Client, db: Database, local_discord: FakeDiscord, earning: str, why: str
) -> None:
    claimable(db, server)
    has_streak(db, server, CAROL, 7)
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (drop,) = local_discord.messages(server.channel_id)
    member, said = HELD_BACK[why]
    told = EARNING[earning](server, drop, member)
    assert told.ephemeral
    assert said in told.text
    assert said in server.slash("cooldowns", user=member).text
    assert db.rows("select * from reward_ledger") == []
    assert "RSNC" in EARNING[earning](server, drop, CAROL).text
    assert db.value("select count(*) from reward_ledger") == 1
    db.assert_books_agree(server.guild_id)


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("why", HELD_BACK)
def test_an_admin_can_give_them_something_by_hand(server: Client, db: Database, why: str) -> None:
    claimable(db, server)
    member, _ = HELD_BACK[why]
    assert "got **40 RSNC**" in server.slash("reward give", member=member, event="quest", user=ADMIN).text


@pytest.mark.usefixtures("at_noon")
def test_a_time_out_that_is_over_holds_nobody_back(server: Client) -> None:
    assert "Checked in" in server.slash("daily", user=replace(CAROL, timed_out_until=NOON.timestamp())).text
