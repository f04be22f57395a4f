"""Reaction drops as tests make them and read their lists."""

from datetime import datetime
from typing import Any

from tests.sql import NOON, Database, Row

PAGE = 100
MESSAGE = "99"


def add_reaction_drop(db: Database, **columns: Any) -> str:
    """A reaction drop on somebody else's message 99 in the channel 88, or as the columns say; gives its id."""
    return db.add_drop(**{"drop_type": "reaction", "emoji": "🎉"} | columns)


def members(number: int, first: int = 20_000) -> list[str]:
    """The ids of so many members, in order."""
    return [str(first + each) for each in range(number)]


def claim_page(db: Database, drop: str, reactors: list[str], **arguments: Any) -> Row:
    """A page of a list that nothing comes after, at the first look, or as the arguments say."""
    given = {"look": 1, "started_at": NOON, "counts": {"normal": 1, "super": 0}, "is_last": True, "now": NOON}
    given |= {"after_id": reactors[-1] if reactors else "0"}
    return db.call("claim_reactions", drop_id=drop, reactors=tuple(reactors), **given | arguments)


def read_list(db: Database, drop: str, reactors: list[str], look: int = 1, now: datetime = NOON, **more: Any) -> int:
    """Read a whole list in pages, as a run does; gives how many were paid."""
    pages = [reactors[place : place + PAGE] for place in range(0, len(reactors), PAGE)] or [[]]
    paid = 0
    for place, page in enumerate(pages, 1):
        told = claim_page(
            db, drop, page, look=look, is_last=place == len(pages), **{"started_at": now, "now": now} | more
        )
        paid += told.get("paid", 0)
        while told.get("waits"):
            told = claim_page(db, drop, [], look=look, **{"started_at": now, "now": now} | more)
            paid += told.get("paid", 0)
    return paid


def paid_members(db: Database, drop: str) -> list[str]:
    """Who has a claim of a drop, in the order of their places."""
    query = "select discord_user_id as id from discord_drop_claims where drop_id = %s order by place"
    return [row["id"] for row in db.rows(query, drop)]
