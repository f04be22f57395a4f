"""The events that an open page receives."""

import http.client
import json
import queue
import socket
import threading
from contextlib import suppress
from typing import Any

from infra.fake_discord.contract import Json

SECONDS = 20  # to wait at most: a busy machine is slow now and then


class Listener:
    """A page that listens to events."""

    def __init__(self, url: str) -> None:
        self.heard: queue.Queue[tuple[str, Json] | None] = queue.Queue()  # None at the end of the stream
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=SECONDS)
        self._connection.request("GET", "/api/events")
        self.response = self._connection.getresponse()
        assert self.response.readline().startswith(b"retry: ")  # sent when the stream is subscribed
        self._socket = self._connection.sock
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def until(self, name: str, **fields: Any) -> Json:
        """The next event of that name with these fields."""
        while event := self.heard.get(timeout=SECONDS):
            if event[0] == name and fields.items() <= event[1].items():
                return event[1]
        raise AssertionError(f"no {name}")

    def close(self) -> None:
        """Close the connection."""
        with suppress(OSError):  # the server may have closed it already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._connection.close()

    def _hear(self) -> None:
        name = ""
        for line in self.response:
            if line.startswith(b"event: "):
                name = line.removeprefix(b"event: ").decode().strip()
            if line.startswith(b"data: "):
                self.heard.put((name, json.loads(line.removeprefix(b"data: "))))
        self.heard.put(None)
