"""Many members press a button at the same moment."""

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

AT_ONCE = 32  # clicks in flight; the stack has fewer environments, so that some wait
TICK = 0.1  # seconds between two reports
YEAR = 365 * 86_400
Show = Callable[[Reply], object]


@dataclass
class Rush:
    """One crowd's clicks on a message, each by another new member."""

    client: Client
    message: Json
    custom_id: str
    members: list[Member]
    show: Show  # shows a reply that changes the message
    id: str = field(default_factory=lambda: str(uuid4()))
    outcomes: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    _last_shown: Json | None = None

    def click(self, member: Member) -> Reply:
        """Click the button as it was when the crowd started, whatever it is now."""
        data = click_data(self.message, self.custom_id)
        return self.client.interact(COMPONENT, data, member, message=self.message)

    def note(self, click: "Future[Reply]") -> None:
        """Count the outcome of a click; show a changed message to everybody."""
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
        """The progress as JSON for the page."""
        return {
            "crowd": self.id,
            "clicked": self.outcomes.total(),
            "total": len(self.members),
            "outcomes": dict(self.outcomes),
            "seconds": round(time.monotonic() - self.started, 2),
        }


def outcome(reply: Reply) -> str:
    """The outcome of a click: claimed, over or failed, else the sentence that the member reads."""
    if reply.kind == CallbackType.UPDATE:
        return "over"
    if reply.kind != CallbackType.MESSAGE:
        return "failed"
    return "claimed" if reply.text.startswith("You got ") else reply.text


class Crowd:
    """Runs rushes, one at a time."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, rush: Rush, database_url: str) -> None:
        """Start the clicks and publish their progress; RefusedError while another rush runs."""
        click_data(rush.message, rush.custom_id)  # raise NotOfferedError now when there is no such button
        with self._lock:
            if self._thread and self._thread.is_alive():
                raise RefusedError(409, "A crowd is clicking already: wait until it is done.")
            self._thread = threading.Thread(target=self._run, args=[rush, database_url], name="crowd", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Start no more clicks, and wait for those in flight."""
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
                self._publish(rush, connection, done=not left)
            pool.shutdown(cancel_futures=True)

    def _publish(self, rush: Rush, connection: books.Connection, *, done: bool) -> None:
        figures = books.counter(connection, rush.message["id"])
        checked = books.books(connection, rush.client.guild_id)
        self._events.publish("crowd", **rush.described(), **figures, books=checked, done=done)


def new_members(count: int) -> list[Member]:
    """New members, with accounts that are a year old."""
    return [Member(f"Stranger {number + 1}", snowflake(time.time() - YEAR)) for number in range(count)]
