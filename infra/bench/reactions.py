"""Reactions of a large deployment, within Discord's limits, at 0.1 s a request; and 5,000 to one message."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.bench.messages import RUN_SECONDS, serving
from infra.bench.report import Row
from infra.bench.testbed import EVENT, SERVER_ID, Testbed
from infra.fake_discord.fake import FakeDiscord
from infra.local.environment import Environments, Invocation

CHANNELS, NEW, DROPS, MOVED, CROWD = 300, 20, 3_000, 50, 5_000
FIRST_CHANNEL, CROWDED, FIRST_MEMBER = 950_000_000_000_000_000, "960000000000000000", 320_000_000_000_000_000
EMOJI, HANDLER = "🎉", "functions.collect_reactions.handler"
AUTHOR = "310000000000000009"

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Watch 300 channels and 3,000 drops for a minute; then let 5,000 members react to one message."""
    with serving_reactions(testbed) as (discord, environments):
        yield from _minute(testbed, discord, environments)
        yield from _crowd(testbed, discord, environments)


def _minute(testbed: Testbed, discord: FakeDiscord, environments: Environments) -> Iterator[Row]:
    """One run after nothing but ordinary minutes: every channel has its turn."""
    log.info("reactions: making %d drops in %d watched channels", DROPS, CHANNELS)
    _fill(testbed, discord)
    _now_due(testbed, environments)  # the first look at everything is no ordinary minute
    for place in range(NEW):
        discord.say(str(FIRST_CHANNEL + place), "New", AUTHOR)
    for place in range(MOVED):
        for member in range(2):
            discord.react(*_message(testbed, place * 31), EMOJI, str(FIRST_MEMBER + member))
    asked, started = len(discord.requests), time.perf_counter()
    done = _now_due(testbed, environments)
    seconds = time.perf_counter() - started
    assert done.result["channels"] == CHANNELS, done.result
    assert (done.result["added"], done.result["paid"]) == (NEW, 2 * MOVED), done.result
    what = f"{CHANNELS} watched channels with {NEW} new messages, {DROPS:,} open drops of which {MOVED} move"
    yield Row(f"{what}: one run of `collect_reactions`", [seconds], "s", at_most=RUN_SECONDS)
    yield Row(f"{what}: requests", [len(discord.requests) - asked])
    yield Row(f"{what}: invalid requests", [discord.invalid_requests], at_most=0)


def _crowd(testbed: Testbed, discord: FakeDiscord, environments: Environments) -> Iterator[Row]:
    """All of them react to one message between two runs."""
    log.info("reactions: %d members react to one message", CROWD)
    message = discord.say(CROWDED, "Crowded", AUTHOR)
    add_drops(testbed, [(CROWDED, message["id"])])
    for member in range(CROWD):
        discord.react(CROWDED, message["id"], EMOJI, str(FIRST_MEMBER + member))
    runs, paid = list[Invocation](), 0
    while paid < CROWD:
        runs.append(environments.invoke(HANDLER, {}, RUN_SECONDS))
        paid += _result(runs[-1])["paid"]
    claims, ledger = testbed.row(
        "select claims_count, (select count(*) from reward_ledger where reference = d.drop_id::text)"
        " from discord_drops as d where message_id = %(message)s",
        message=message["id"],
    )
    assert claims == ledger == paid == CROWD, (claims, ledger, paid)
    yield Row(f"{CROWD:,} react to one message: runs until all are paid", [len(runs)], at_most=2)
    yield Row(f"{CROWD:,} react to one message: paid a second", [CROWD / sum(r.milliseconds for r in runs) * 1000])
    yield Row("a page of 100 members who react, paid", list(_pages(testbed)), "ms")
    yield Row("a page of 100 members who were paid before", list(_pages(testbed, times=2)), "ms")


def _pages(testbed: Testbed, times: int = 1, rounds: int = 20) -> Iterator[float]:
    """The milliseconds of the last of so many calls with the same page; each round has a drop of its own."""
    for place in range(rounds):
        (drop_id,) = testbed.row("select gen_random_uuid()")
        add_drops(testbed, [(CROWDED, str(10**17 + place + times * 1000))], drop_id=str(drop_id))
        for look in range(1, times + 1):
            started = time.perf_counter()
            testbed.rpc(
                "claim_reactions",
                drop_id=str(drop_id),
                look=look,
                started_at="now",
                counts={"normal": 100, "super": 0},
                reactors=[str(FIRST_MEMBER + place * 100 + member) for member in range(100)],
                is_last=True,
            )
        yield (time.perf_counter() - started) * 1000


@contextmanager
def serving_reactions(testbed: Testbed) -> Iterator[tuple[FakeDiscord, Environments]]:
    """The local Discord, and a process with the function that knows it."""
    with (
        serving(testbed) as (discord, url),
        Path(os.devnull).open("w") as output,
        Environments(1, testbed.variables | {"DISCORD_API_URL": url}, output) as environments,
    ):
        environments.warm(HANDLER)
        yield discord, environments


def _fill(testbed: Testbed, discord: FakeDiscord) -> None:
    """Make the watches, and the drops with their messages and the bot's reactions, three members' beside them."""
    channels = [str(FIRST_CHANNEL + place) for place in range(CHANNELS)]
    places = [
        (channel, discord.say(channel, "Old", AUTHOR)["id"]) for _ in range(DROPS // CHANNELS) for channel in channels
    ]
    for channel, message in places:
        discord.react(channel, message, EMOJI, testbed.keys.application_id, bot=True)
    add_drops(testbed, places)
    with testbed.connect() as connection:
        connection.execute(
            "insert into channel_watches (server_id, channel_id, event_id, emoji, lifespan_seconds, last_message_id)"
            " select %s, channel_id, %s, %s, 86400, max(message_id::numeric)::text from discord_drops"
            " where drop_type = 'reaction' group by channel_id",
            (SERVER_ID, EVENT, EMOJI),
        )


def add_drops(
    testbed: Testbed, places: list[tuple[str, str]], drop_id: str | None = None, server_id: str = SERVER_ID
) -> None:
    """Reaction drops of a day, each of a message in a channel."""
    channels, messages = zip(*places, strict=True)
    with testbed.connect() as connection:
        connection.execute(
            "insert into discord_drops"
            " (drop_id, server_id, event_id, drop_type, emoji, channel_id, message_id, expires_at)"
            " select coalesce(%s::uuid, gen_random_uuid()), %s, %s, 'reaction', %s, channel, message,"
            " now() + interval '1 day' from unnest(%s::text[], %s::text[]) as m (channel, message)",
            (drop_id, server_id, EVENT, EMOJI, list(channels), list(messages)),
        )


def _message(testbed: Testbed, place: int) -> tuple[str, str]:
    """The channel and the message of one of the drops."""
    channel, message = testbed.row(
        "select channel_id, message_id from discord_drops where drop_type = 'reaction' order by message_id"
        " offset %(place)s limit 1",
        place=place,
    )
    return str(channel), str(message)


def _now_due(testbed: Testbed, environments: Environments) -> Invocation:
    """One run at which every channel has its turn."""
    with testbed.connect() as connection:
        connection.execute("update reaction_channels set next_look_at = 'epoch', leased_until = 'epoch'")
    done = environments.invoke(HANDLER, {}, RUN_SECONDS)
    log.info("reactions: %s in %.1f s", _result(done), done.milliseconds / 1000)
    return done


def _result(done: Invocation) -> dict[str, Any]:
    assert done.error is None, done.error
    return dict(done.result)
