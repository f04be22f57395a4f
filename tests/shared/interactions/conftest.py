"""What the tests of the interactions share."""

import pytest

from shared.interactions import registry
from shared.interactions.registry import Registry


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with nothing in it."""
    own = Registry()
    monkeypatch.setattr(registry, "REGISTRY", own)
    return own
