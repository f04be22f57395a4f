"""A member whose rewards are paused is told so, with the reason, wherever something could be earned."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, CAROL
from shared.interactions.registry import REGISTRY, Level
from tests.shared.features.rows import claimable, has_streak
from tests.sql import Database

Json = dict[str, Any]
REASON = "Three accounts"

EARNING: dict[str, Callable[[Client, Json], Reply]] = {
    "daily": lambda client, _: client.slash("daily", user=CAROL),
    "claim": lambda client, _: client.slash("claim", event="quest", user=CAROL),
    "join": lambda client, _: client.slash("join", user=CAROL),
    "streak claim": lambda client, _: client.slash("streak claim", user=CAROL),
    "the button of a drop": lambda client, drop: client.click(drop, "Claim", user=CAROL),
    "reward give": lambda client, _: client.slash("reward give", member=CAROL, event="news_tracker", user=ADMIN),
}
# What members have that pays nothing.
LOOKING = {"balance", "cooldowns", "help", "history", "leaderboard", "streak leaderboard", "streak view"}


def test_every_command_of_members_is_one_or_the_other(functions: Any) -> None:
    members = {path for path, command in REGISTRY.commands.items() if command.requires == Level.MEMBER}
    assert members == LOOKING | {name for name in EARNING if name in members}


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("earning", EARNING)
def test_it_says_so_and_pays_nothing(server: Client, db: Database, local_discord: FakeDiscord, earning: str) -> None:
    claimable(db, server)
    has_streak(db, server, CAROL, 7)
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (drop,) = local_discord.messages(server.channel_id)
    server.slash("config member disable", member=CAROL, reason=REASON, user=ADMIN)
    told = EARNING[earning](server, drop)
    assert told.ephemeral
    assert "paused" in told.text
    assert REASON in told.text
    assert db.rows("select * from reward_ledger") == []
    server.slash("config member enable", member=CAROL, user=ADMIN)
    assert "RSNC" in EARNING[earning](server, drop).text
    assert db.value("select count(*) from reward_ledger") == 1
    db.assert_books_agree(server.guild_id)
