"""A server in which everything can be earned."""

import pytest

from tests.sql import Database


@pytest.fixture
def earnable(db: Database) -> Database:
    """A connected server with a quest that members may take, a daily check-in and a welcome bonus, which pay 10."""
    db.connect_server()
    db.add_event("quest", 10, claimable=True)
    db.add_event("daily_checkin", 10)
    db.add_event("welcome_bonus", 10)
    return db
