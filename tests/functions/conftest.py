"""What the tests of the entry points share."""

import logging
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE
from tests import drops
from tests.functions.due_drops import Json, Post, Run, is_due
from tests.functions.reaction_drops import PARTY, Collect, Make, ReactionDrop, Watch
from tests.sql import Database


@pytest.fixture
def run(functions: Any) -> Run:
    """Runs of the schedule."""
    return Run(functions)


@pytest.fixture
def post(server: Client, local_discord: FakeDiscord) -> Post:
    """Create a drop; gives its message."""

    def create(**options: Any) -> Json:
        drops.create(server, **options)
        return local_discord.messages(options.get("channel", server.channel_id))[-1]

    return create


@pytest.fixture
def due(post: Post, db: Database) -> Json:
    """The message of a drop whose time is up."""
    message = post()
    is_due(db)
    return message


@pytest.fixture
def collect(functions: Any, db: Database, local_discord: FakeDiscord) -> Collect:
    """Runs of collect_reactions; only what is asked from now on is looked at."""
    local_discord.requests.clear()
    return Collect(functions, db)


@pytest.fixture
def drop_on(server: Client, db: Database, local_discord: FakeDiscord) -> Make:
    """Make a reaction drop of a message that Alice has written, or of another one."""

    def make(message: Json | None = None, **columns: Any) -> ReactionDrop:
        message = message or local_discord.say(server.channel_id, "Look", ALICE.id)
        return ReactionDrop(db, local_discord, server, message, **columns)

    return make


@pytest.fixture
def log(functions: Any, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged at Lambda's level, by us and by every library."""
    caplog.set_level(logging.INFO)
    return caplog


@pytest.fixture
def watch(server: Client, db: Database) -> Watch:
    """Watch a channel from its beginning; gives the watch's id."""

    def start(channel_id: str = server.channel_id, **columns: Any) -> str:
        values: Json = {"server_id": server.guild_id, "channel_id": channel_id, "event_id": "news_tracker"}
        values |= {"emoji": PARTY, "lifespan_seconds": 3600, "last_message_id": "0"} | columns
        names = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        return str(
            db.value(f"insert into channel_watches ({names}) values ({places}) returning watch_id", *values.values())
        )

    return start
