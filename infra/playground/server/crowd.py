"""Many members who press a button at the same moment, and how it goes."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from infra.fake_discord.callback_type import CallbackType
from infra.fake_discord.client import COMPONENT, Client, Reply
from infra.fake_discord.contract import Json
from infra.fake_discord.interaction_data import click_data
from infra.fake_discord.members import Member
from infra.fake_discord.resources.snowflakes import snowflake
from infra.playground.server import books
from infra.playground.server.errors import RefusedError
from infra.playground.server.events import Events

AT_ONCE = 32  # clicks on the way; the stack's own environments are fewer
TICK = 0.1  # seconds between two looks
YEAR = 365 * 86_400
Show = Callable[[Reply], object]


@dataclass
class Rush:
    """One crowd's clicks on one message, each of another member whom nobody has seen before."""

    client: Client
    message: Json
    custom_id: str
    members: list[Member]
    show: Show  # what Discord does with a reply that changes the message
    id: str = field(default_factory=lambda: str(uuid4()))
    outcomes: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    _last_shown: Json | None = None

    def click(self, member: Member) -> Reply:
        """One click, as if the button had not changed since the message was opened."""
        data = click_data(self.message, self.custom_id)
        return self.client.interact(COMPONENT, data, member, message=self.message)

    def note(self, click: "Future[Reply]") -> None:
        """Count what became of a click; a message that changes does so for everybody."""
        try:
            reply = click.result()
        except httpx.HTTPError:
            self.outcomes["failed"] += 1
            return
        self.outcomes[outcome(reply)] += 1
        if reply.kind == CallbackType.UPDATE and reply.data != self._last_shown:
            self._last_shown = reply.data
            self.show(reply)

    def described(self) -> Json:
        """How far it has got."""
        return {
            "crowd": self.id,
            "clicked": self.outcomes.total(),
            "total": len(self.members),
            "outcomes": dict(self.outcomes),
            "seconds": round(time.monotonic() - self.started, 2),
        }


def outcome(reply: Reply) -> str:
    """What became of a click: a word for what everybody knows, else the sentence that the member reads."""
    if reply.kind == CallbackType.UPDATE:
        return "over"
    if reply.kind != CallbackType.MESSAGE:
        return "failed"
    return "claimed" if reply.text.startswith("You got ") else reply.text


class Crowd:
    """Runs one rush after the other, never two at once."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, rush: Rush, database_url: str) -> None:
        """Let them click; what comes of it is told as it comes."""
        click_data(rush.message, rush.custom_id)  # is there such a button at all?
        with self._lock:
            if self._thread and self._thread.is_alive():
                raise RefusedError(409, "A crowd is clicking already: wait until it is done.")
            self._thread = threading.Thread(target=self._run, args=[rush, database_url], name="crowd", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Let nobody click any more, and wait for the clicks on the way."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _run(self, rush: Rush, database_url: str) -> None:
        with books.connect(database_url) as connection, ThreadPoolExecutor(AT_ONCE) as pool:
            left = {pool.submit(rush.click, member) for member in rush.members}
            while left and not self._stopping.is_set():
                time.sleep(TICK)
                done, left = wait(left, return_when=FIRST_COMPLETED)
                for click in done:
                    rush.note(click)
                self._tell(rush, connection, done=not left)
            pool.shutdown(cancel_futures=True)

    def _tell(self, rush: Rush, connection: books.Connection, *, done: bool) -> None:
        figures = books.counter(connection, rush.message["id"])
        checked = books.books(connection, rush.client.guild_id)
        self._events.publish("crowd", **rush.described(), **figures, books=checked, done=done)


def strangers(count: int) -> list[Member]:
    """Members whom nobody has seen before, with accounts that are a year old."""
    return [Member(f"Stranger {number + 1}", snowflake(time.time() - YEAR)) for number in range(count)]
