"""Events for the open pages, as server-sent events."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import JSONServerSentEvent, ServerSentEvent

RETRY_MILLISECONDS = 1000
BACKLOG = 1000  # cut a page off that is this many events behind; it reconnects and reads everything anew


class _Page:
    """One page that listens, in the event loop that serves it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[ServerSentEvent | None] = asyncio.Queue()

    @property
    def is_behind(self) -> bool:
        return self._queue.qsize() > BACKLOG

    def put(self, event: ServerSentEvent | None) -> None:
        """Queue an event, from any thread; None ends the stream."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, event)

    async def get(self) -> ServerSentEvent | None:
        return await self._queue.get()


class Events:
    """Publishes events from any thread to every page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._pages: set[_Page] = set()
        self._is_closed = False

    def publish(self, event: str, **data: Any) -> None:
        """Send an event to every page."""
        with self._lock:
            message = JSONServerSentEvent(data, event=event, id=str(next(self._ids)))
            for page in self._pages:
                page.put(None if page.is_behind else message)

    async def stream(self) -> AsyncIterator[ServerSentEvent]:
        """The events for one page, until it disconnects or `close` is called."""
        page = _Page()
        with self._lock:
            if self._is_closed:
                return
            self._pages.add(page)
        try:
            yield ServerSentEvent(retry=RETRY_MILLISECONDS)
            while (event := await page.get()) is not None:
                yield event
        finally:
            with self._lock:
                self._pages.discard(page)

    def close(self) -> None:
        """End every stream, so that nothing keeps the server from stopping."""
        with self._lock:
            self._is_closed = True
            for page in self._pages:
                page.put(None)
