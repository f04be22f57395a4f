"""The order and the refusals of claim_reactions, as its tests compute and read them."""

import hashlib

from tests.sql import Database


def drawn(drop: str, user_ids: list[str]) -> list[str]:
    """The order in which the id of a drop draws those who came in the same look."""
    return sorted(user_ids, key=lambda user_id: hashlib.sha256(f"{drop}:{user_id}".encode()).hexdigest())


def refusals(db: Database) -> dict[str, str]:
    """The outcome that is kept for each member."""
    return {
        row["discord_user_id"]: row["refusal"]["outcome"]
        for row in db.rows("select discord_user_id, refusal from reaction_refusals")
    }
