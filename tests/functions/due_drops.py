"""What the tests of expire_drops share."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.local.runtime import Context
from tests.sql import NOON, Database

Json = dict[str, Any]
Post = Callable[..., Json]
NOTHING = {"expired": 0, "rendered": 0, "gone": 0, "failed": 0, "refused": 0, "let_go": 0}


class Run:
    """One run with plenty of time; gives its counts."""

    def __init__(self, functions: Any) -> None:
        self._expire_drops = functions.expire_drops

    def __call__(self) -> Json:
        return dict(self._expire_drops.handler({}, Context("expire_drops", "test", 55)))

    def fails(self, match: str = "are behind") -> None:
        """Run, and let the alarm see that messages are behind."""
        with pytest.raises(self._expire_drops.RenderError, match=match):
            self()


def is_due(db: Database) -> None:
    """Let all drops expire."""
    db.run("update discord_drops set expires_at = now() - interval '1 second'")


def counted(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The fields of the line that a run logs of itself; there was one run."""
    (record,) = [record for record in caplog.records if record.message == "drops expired"]
    return vars(record)


def add_due_drops(db: Database, client: Client, number: int) -> None:
    """Due drops in ten channels whose messages are gone: one 404 settles each."""
    for place in range(number):
        db.add_drop(
            server_id=client.guild_id,
            event_id="news_tracker",
            channel_id=str(650_000_000_000_001_000 + place % 10),
            message_id=str(1_500_000_000_000_000_000 + place),
            rendered_revision=1,
            expires_at=NOON,
        )
