"""What members write and do, sent to the events endpoint as a gateway relay sends it, and a voice channel to sit in."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from uuid import uuid4

import httpx

from infra.fake_discord.contract import Json
from infra.fake_discord.delivery import http_sender
from infra.local.program import Program
from infra.local.stack import Stack
from infra.playground.server.errors import RefusedError
from infra.playground.server.events import Events
from infra.playground.server.world import Person, Server, World

DAY = 86_400  # the most seconds of one item


@dataclass
class Seat:
    """Where somebody sits, and since when (by the stack's clock) nothing was sent of it."""

    server: Server
    since: float


class Relay:
    """Sends one batch for each thing that happens, signed with the key of the operator, and publishes the answer."""

    def __init__(self, stack: Stack, people: World, events: Events) -> None:
        self._stack = stack
        self._people = people
        self._events = events
        self._program = Program.of(stack.keys.events_signing_key, http_sender(stack.description.events_url))
        self._seats: dict[str, Seat] = {}  # by member
        self._lock = Lock()

    # Messages and reactions -------------------------------------------------------------------------------

    def said(self, server: Server, person: Person, message: Json) -> None:
        """Somebody wrote a message."""
        text = message["content"]
        facts = {"message_id": message["id"], "characters": len(text), "words": len(text.split()), "text": text}
        item = self._item("message", person, f"message-{message['id']}", channel_id=message["channel_id"], **facts)
        self._send(server, person, item)

    def reacted(self, server: Server, person: Person, message: Json, emoji: str, *, removed: bool) -> None:
        """Somebody reacted to a message, or took that back."""
        author = message["author"]
        facts = {
            "message_id": message["id"],
            "emoji": emoji,
            "author_id": author["id"],
            "author_is_bot": author.get("bot", False),
        }
        kind = "reaction_removed" if removed else "reaction"
        self._send(server, person, self._item(kind, person, channel_id=message["channel_id"], **facts))

    # The voice channel ------------------------------------------------------------------------------------

    def seats(self) -> list[Json]:
        """Who sits where."""
        with self._lock:
            return [{"member": member, "server": seat.server.id} for member, seat in self._seats.items()]

    def sit(self, server: Server, person: Person) -> None:
        """Let somebody sit down in the voice channel of a server. Raises RefusedError."""
        if person.member.bot:
            raise RefusedError(400, "Nobody counts the time of a bot: be somebody else.")
        self.leave(person)
        with self._lock:
            self._seats[person.member.id] = Seat(server, self._now())
        self._publish_seats()

    def leave(self, person: Person) -> None:
        """Let somebody go, wherever they sit."""
        with self._lock:
            seat = self._seats.pop(person.member.id, None)
        if seat:
            self._tell_time(person, seat)
            self._publish_seats()

    def tell_time(self) -> None:
        """Send the time that everybody has sat so far, as a relay does now and then."""
        with self._lock:
            seats = list(self._seats.items())
        for member, seat in seats:
            self._tell_time(self._people.person(member), seat)

    def _tell_time(self, person: Person, seat: Seat) -> None:
        with self._lock:
            spans = list(_spans(self._now() - seat.since))
            seat.since += sum(spans)
        if spans:
            self._send(seat.server, person, *[self._item("voice", person, seconds=seconds) for seconds in spans])

    def _publish_seats(self) -> None:
        self._events.publish("voice", seats=self.seats())

    # Sending ----------------------------------------------------------------------------------------------

    def _now(self) -> float:
        return time.time() + self._stack.gateway.clock_offset

    def _item(self, kind: str, person: Person, item_id: str | None = None, **facts: object) -> Json:
        member = person.member
        at = datetime.fromtimestamp(self._now(), UTC).isoformat()
        who = {"user_id": member.id, "is_bot": member.bot, "role_ids": list(member.roles)}
        return {"id": item_id or str(uuid4()), "type": kind, "at": at, **who, **facts}

    def _send(self, server: Server, person: Person, *items: Json) -> None:
        """Send a batch; nothing that goes wrong with it keeps a member from what they do."""
        try:
            answer = self._program.post(server.id, *items).body
        except (httpx.HTTPError, ValueError) as error:
            answer = {"error": type(error).__name__}
        types = [item["type"] for item in items]
        self._events.publish("activity", server=server.id, member=person.member.id, types=types, **answer)


def _spans(seconds: float) -> Iterator[int]:
    """Whole seconds, in parts that an item may have."""
    left = int(seconds)
    while left > 0:
        yield min(left, DAY)
        left -= DAY
