"""What other programs, and other days, have left in the tables of a server; and how tests ask and read replies."""

from datetime import datetime
from typing import Any

from infra.fake_discord.client import COMPONENT, Client, Reply
from infra.fake_discord.members import ADMIN, Member
from shared.interactions import dispatch
from shared.interactions.outcomes import Facts, sentence
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


def stamp(at: datetime, style: str = "R") -> str:
    """An instant as a reply tells it, by default relative to now."""
    return f"<t:{int(at.timestamp())}:{style}>"


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


def pressed(client: Client, custom_id: str, user: Member) -> Reply:
    """Somebody presses a button that they made themselves."""
    data = {"component_type": 2, "custom_id": custom_id, "id": 2}
    return client.interact(COMPONENT, data, user, message={"id": "1573450000000000002"})


def config(client: Client, command: str, /, **options: Any) -> Reply:
    """An admin's /config command."""
    return client.slash(f"config {command}", user=ADMIN, **options)


def labels(reply: Reply) -> list[tuple[str, bool]]:
    """The buttons, and whether they are grey."""
    return [(button["label"], button["disabled"]) for row in reply.components for button in row["components"]]


def sentence_of(outcome: str, facts: Facts) -> str:
    """The sentence of an outcome."""
    return sentence({**facts, "outcome": outcome})


def assert_said(reply: Reply) -> None:
    """It was answered with a sentence for the one who acted, which blames nobody."""
    assert reply.status == 200
    assert reply.ephemeral
    assert reply.text.strip()
    assert reply.text not in (dispatch.OUR_FAULT, dispatch.SCHEMA_BEHIND, dispatch.DATABASE_AWAY)


ODD_VALUES: list[Any] = [True, 1.5, -1, 10**30, "", " ", "x" * 5_000, "\x00", [], {}, None, float("inf")]
