"""What other programs, and other days, have left in the tables of a server."""

from datetime import datetime
from typing import Any

from shared.text import sentences

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import Member
from tests.conftest import BRAND
from tests.sql import DAY, NOON, Database


def earned(
    db: Database, client: Client, user: Member | str, amount: float, at: datetime = NOON, **columns: Any
) -> None:
    """A row of the ledger, by default a claim at noon."""
    user_id = user if isinstance(user, str) else user.id
    where = {"server_id": client.guild_id, "brand_id": BRAND, "event_type": "news_tracker"}
    db.add_reward(amount, at, member=user_id, **where | columns)


def has_streak(db: Database, client: Client, user: Member, days: int, *, last: int = 1) -> None:
    """By noon a member has checked in so many days in a row, the last time `last` days ago."""
    db.add_streak(user.id, days, server_id=client.guild_id, last_checkin=NOON - last * DAY)


def stamp(at: datetime) -> str:
    """An instant as a reply tells it."""
    return f"<t:{int(at.timestamp())}:R>"


def stats(db: Database, client: Client, user: Member | str, **columns: int) -> None:
    """What another program has counted of a member."""
    user_id = user if isinstance(user, str) else user.id
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    db.run(
        f"insert into discord_user_stats (server_id, discord_user_id, {names}) values (%s, %s, {places})",
        client.guild_id,
        user_id,
        *columns.values(),
    )


def claimable(db: Database, client: Client, event: str = "quest", reward: float = 40, **columns: Any) -> None:
    """An event that members may take with /claim."""
    db.add_event(event, reward, **{"server_id": client.guild_id, "brand_id": BRAND, "claimable": True} | columns)


def by_hand(client: Client, path: str, user: Member, **options: Any) -> Reply:
    """Send options that Discord's own client would not let pass."""
    name, *sub = path.split()
    sent = [{"name": option, "type": 3, "value": value} for option, value in options.items()]
    return client.interact(
        2, {"name": name, "options": [{"name": sub[0], "type": 1, "options": sent}] if sub else sent}, user
    )


def assert_said(reply: Reply) -> None:
    """It was answered with a sentence for the one who acted, which blames nobody."""
    assert reply.status == 200
    assert reply.ephemeral
    assert reply.text.strip()
    assert reply.text not in (sentences.OUR_FAULT, sentences.SCHEMA_BEHIND, sentences.DATABASE_AWAY)


ODD_VALUES: list[Any] = [True, 1.5, -1, 10**30, "", " ", "x" * 5_000, "\x00", [], {}, None, float("inf")]
