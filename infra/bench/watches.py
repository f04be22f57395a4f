"""One server's many watches: what listing them takes, and whether a run comes to the other servers too."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from infra.bench.messages import RUN_SECONDS
from infra.bench.reactions import AUTHOR, EMOJI, FIRST_MEMBER, HANDLER, add_drops, serving_reactions
from infra.bench.report import Row
from infra.bench.testbed import BRAND_ID, EVENT, Testbed
from infra.fake_discord.fake import FakeDiscord

SERVER_ID, CALLS = "730000000000000000", 9  # as fill_watches.sql makes it
BUSY = [(SERVER_ID, str(760_000_000_000_000_000 + place)) for place in range(400)]  # servers and their channels
SMALL = [(str(770_000_000_000_000_000 + place), str(780_000_000_000_000_000 + place)) for place in range(50)]
WATCHED, NEW = 20, 50  # of the busy channels; messages in each

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """List 50 watches that have made 20,000 drops; then let a server with 400 busy channels fill a run."""
    log.info("watches: making 20,000 drops with 400,000 claims")
    testbed.run_file(Path(__file__).with_name("fill_watches.sql"))
    testbed.settle()
    what = "50 watches that made 20,000 drops with 400,000 claims"
    yield Row(f"`/watch list` of {what}", _listed(testbed, with_paid=True), "ms", at_most=500)
    yield Row(f"suggestions for `/watch stop` of {what}", _listed(testbed, with_paid=False), "ms", at_most=50)
    yield _beside(testbed)


def _listed(testbed: Testbed, *, with_paid: bool) -> list[float]:
    """The milliseconds of some calls."""
    taken = []
    for _ in range(CALLS):
        started = time.perf_counter()
        answer = testbed.rpc("list_watches", caller=testbed.caller() | {"server_id": SERVER_ID}, with_paid=with_paid)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer["total"] == 50, answer
    return taken


def _beside(testbed: Testbed) -> Row:
    """How many servers with one channel have their turn in a run that cannot come to all."""
    with serving_reactions(testbed) as (discord, environments):
        _fill(testbed, discord)
        done = environments.invoke(HANDLER, {}, RUN_SECONDS)
    log.info("watches: %s in %.1f s", done.result, done.milliseconds / 1000)
    query = "select count(*) from discord_drops where claims_count > 0 and server_id = any (%(servers)s)"
    (paid,) = testbed.row(query, servers=[server for server, _ in SMALL])
    what = f"one server with {len(BUSY)} busy channels beside {len(SMALL)} with one: of these looked at in one run"
    return Row(what, [paid], at_least=len(SMALL))


def _fill(testbed: Testbed, discord: FakeDiscord) -> None:
    """A drop in each channel, to which somebody has reacted; more new messages than a run can react to."""
    _connect(testbed)
    for server, channel in BUSY + SMALL:
        message = discord.say(channel, "Look", AUTHOR)["id"]
        discord.react(channel, message, EMOJI, str(FIRST_MEMBER))
        add_drops(testbed, [(channel, message)], server_id=server)
    with testbed.connect() as connection:
        connection.execute(
            "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id)"
            " select %s, channel, %s, %s, '0' from unnest(%s::text[]) as channel",
            (SERVER_ID, EVENT, EMOJI, [channel for _, channel in BUSY[:WATCHED]]),
        )
    for _, channel in BUSY[:WATCHED] * NEW:
        discord.say(channel, "New", AUTHOR)


def _connect(testbed: Testbed) -> None:
    """Connect the servers with one channel, each with an event."""
    with testbed.connect() as connection:
        for server, _ in SMALL:
            connection.execute(
                "insert into discord_server_configs (server_id, brand_id) values (%s, %s)", (server, BRAND_ID)
            )
            connection.execute(
                "insert into monitoring_rules (brand_id, server_id, event_type, reward_amount) values (%s, %s, %s, 5)",
                (BRAND_ID, server, EVENT),
            )
