"""Five thousand drops due in one minute: edit their messages within Discord's limits, at 0.1 s a request."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.bench.report import Row
from infra.bench.testbed import SERVER_ID, Testbed
from infra.fake_discord.fake import FakeDiscord
from infra.local.environment import Environments, Invocation
from infra.local.server import HttpServer

DROPS, CHANNELS, LATENCY = 5_000, 300, 0.1
RUN_SECONDS = 55  # as the Timeout in template.yaml
FIRST_CHANNEL = 940_000_000_000_000_000

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Run expire_drops until every message shows the end of its drop, which takes two minutes."""
    with serving(testbed) as (discord, url):
        log.info("messages: making %d drops in %d channels", DROPS, CHANNELS)
        _fill(testbed, discord)
        runs = list(_runs(testbed, url))
        edited = [request.path for request in discord.requests if request.status == 200]
        invalid = discord.invalid_requests
    assert len(edited) == len(set(edited)) == DROPS, f"{len(edited)} edits of {len(set(edited))} messages"
    seconds = sum(each.milliseconds for each in runs) / 1000
    what = f"{DROPS:,} due drops in {CHANNELS} channels, Discord {LATENCY * 1000:.0f} ms away"
    # At 50 requests a second they take 100 s, and a run has 55.
    yield Row(f"{what}: runs of `expire_drops`", [len(runs)], at_most=3)
    yield Row(f"{what}: time of all runs", [seconds], "s")
    yield Row(f"{what}: edits a second", [DROPS / seconds], at_least=40)
    yield Row(f"{what}: invalid requests", [invalid], at_most=10)


@contextmanager
def serving(testbed: Testbed) -> Iterator[tuple[FakeDiscord, str]]:
    """The local Discord with its real limits, some way off, and the base URL of its REST API."""
    discord = FakeDiscord(
        ":memory:", testbed.keys.bot_token, testbed.keys.application_id, latency=LATENCY, log_size=None
    )
    server = HttpServer(discord.app)
    server.start()
    try:
        yield discord, f"{server.url}/api/v10"
    finally:
        server.stop()
        discord.close()


def _fill(testbed: Testbed, discord: FakeDiscord) -> None:
    """Make drops that are due, with messages that show them open; mark those of other benchmarks as rendered."""
    channels = [str(FIRST_CHANNEL + place % CHANNELS) for place in range(DROPS)]
    messages = [discord.say(channel, "Open", testbed.keys.application_id)["id"] for channel in channels]
    with testbed.connect() as connection:
        connection.execute("update discord_drops set rendered_revision = revision")
        connection.execute(
            "insert into discord_drops (server_id, event_id, drop_type, channel_id, message_id, rendered_revision,"
            " expires_at) select %s, 'quest', 'button', channel, message, 1, now()"
            " from unnest(%s::text[], %s::text[]) as m (channel, message)",
            (SERVER_ID, channels, messages),
        )


def _runs(testbed: Testbed, discord_url: str) -> Iterator[Invocation]:
    """The runs of expire_drops, in a process of their own, until no message is left."""
    variables = testbed.variables | {"DISCORD_API_URL": discord_url}
    with Path(os.devnull).open("w") as output, Environments(1, variables, output) as environments:
        environments.warm("functions.expire_drops.handler")
        behind = DROPS
        while behind:
            invocation = environments.invoke("functions.expire_drops.handler", {}, RUN_SECONDS)
            assert invocation.error is None, invocation.error
            log.info("messages: %d edits in %.1f s", invocation.result["rendered"], invocation.milliseconds / 1000)
            behind -= invocation.result["rendered"]
            yield invocation
