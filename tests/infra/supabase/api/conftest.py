"""A server whose events activity pays."""

import pytest

from tests.infra.supabase.batches import (
    add_trigger,
)
from tests.sql import Database


@pytest.fixture
def busy(seeded: Database) -> Database:
    """A server whose events pay everything that can fire."""
    seeded.set_settings({"excluded_channels": ["5"]})
    add_trigger(seeded, "hello", 1, trigger="message", min_words=3)
    add_trigger(seeded, "gm", 2, trigger="keyword", keywords=["gm"], columns={"cooldown_hours": 1})
    add_trigger(seeded, "liked", 3, trigger="reactions", min_reactions=3)
    add_trigger(seeded, "talk", 4, trigger="voice", minutes=2)
    add_trigger(seeded, "boost", 5, trigger="boost")
    add_trigger(seeded, "welcome_bonus", 50, trigger="join")
    return seeded
