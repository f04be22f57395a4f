"""One stack and one playground for all of these tests; the first server is connected and has an event."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from infra.local.stack import Stack
from infra.playground.server.app import Playground
from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with TemporaryDirectory(prefix="resonance-") as directory, Stack(Path(directory)) as stack:
        assert stack.discord is not None
        stack.discord.rate_limits.lift()  # tests post faster than Discord lets anybody
        yield stack


@pytest.fixture(scope="package")
def playground(stack: Stack) -> Iterator[Playground]:
    with Playground(stack) as playground:
        yield playground


@pytest.fixture(scope="package")
def visit(stack: Stack, playground: Playground) -> Iterator[Visit]:
    """A server that is connected and has an event."""
    with httpx.Client(base_url=playground.url, timeout=30) as client:
        visit = Visit(client)
        visit.world = visit.look("/api/world")
        visit.server, visit.channel = visit.world["servers"][0]["id"], visit.world["servers"][0]["channels"][1]["id"]
        visit.command("setup connect", brand_id=stack.description.brand_id, key=stack.description.brand_key)
        visit.command("config events create", name="quest", reward=40)
        yield visit


@pytest.fixture
def listener(playground: Playground) -> Iterator[Listener]:
    with closing(Listener(playground.url)) as listener:
        yield listener
