"""Two brands, and a person of one of them."""

import httpx
import pytest

from tests.infra.conftest import Rest
from tests.infra.supabase.portal import OURS, fill, person
from tests.sql import Database


@pytest.fixture
def world(db: Database) -> Database:
    """Two brands with rows in every table."""
    fill(db)
    return db


@pytest.fixture
def ours(rest: Rest) -> httpx.Client:
    """A person of our brand."""
    return rest(**person(OURS))
