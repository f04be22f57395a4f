"""One stack and one browser for all of these tests; every test has empty tables, empty channels and a window.

They last no longer than this package: Playwright runs an event loop in the thread of the tests.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, expect
from psycopg.rows import dict_row

from infra.local.stack import Stack
from infra.playground.server import world
from infra.playground.server.app import Playground
from tests.infra.playground.page import chromium
from tests.infra.playground.page.desk import Desk, PageWatch
from tests.sql import Database

LIMIT = 240  # seconds for a test here, the start of the stack included: a busy machine is slow now and then
PATIENCE = (LIMIT - 20) * 1000  # milliseconds: a step waits for its state; only the limit of its test ends that

Open = Callable[..., Desk]

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of this folder their limit."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(LIMIT))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real browser without a window."""
    if not chromium.program():
        pytest.skip(f"none of {', '.join(chromium.NAMES)} is here: the playground's page is NOT tested in a browser")
    with chromium.launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def stack(browser: Browser) -> Iterator[Stack]:
    """A stack whose schedules run only when a test says so."""
    with TemporaryDirectory(prefix="resonance-") as directory, Stack(Path(directory)) as stack:
        assert stack.discord is not None
        stack.discord.rate_limits.lift()  # tests post faster than Discord lets anybody
        stack.schedules.stop()
        yield stack


@pytest.fixture(scope="package")
def connection(stack: Stack) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The owner's connection to the stack's Postgres."""
    with psycopg.connect(stack.description.database_url or "", autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def db(stack: Stack, connection: psycopg.Connection[dict[str, Any]]) -> Database:
    """The stack's database with empty tables, but for the brand of its description."""
    here = stack.description
    database = Database(connection, here.database_url or "")
    database.empty()
    database.add_brand(here.brand_id or "", here.brand_key or "")
    return database


@pytest.fixture
def playground(stack: Stack, db: Database) -> Iterator[Playground]:
    """The playground of a stack on which nothing has happened yet."""
    assert stack.discord is not None
    for channel in (channel for server in world.SERVERS for channel in server.channels):
        for message in stack.discord.messages(channel.id):
            stack.discord.delete_message(channel.id, message["id"])
    stack.move_clock(-stack.clock_offset)
    with Playground(stack) as playground:
        yield playground


@pytest.fixture
def open_desk(browser: Browser, playground: Playground) -> Iterator[Open]:
    """Opens the page in windows of any kind, and looks at the end whether something went wrong behind it."""
    watch = PageWatch(playground.url)
    with ExitStack() as undo:

        def open_it(**kind: Any) -> Desk:
            context = undo.enter_context(browser.new_context(**{"color_scheme": "dark", "locale": "en-GB"} | kind))
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            watch.over(page)
            return Desk(page, watch).open()

        yield open_it
        assert watch.complaints == []


@pytest.fixture
def desk(open_desk: Open) -> Desk:
    """The page in a window of a usual size."""
    return open_desk(viewport={"width": 1440, "height": 900})
