"""What happens, pushed to every open page: server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import itertools
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

RETRY_MILLISECONDS = 1000
PING_SECONDS = 15
BACKLOG = 1000  # a page that is this far behind is cut off; when it comes back it reads everything anew


class _Page:
    """One page that listens, in the event loop that serves it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()

    @property
    def is_behind(self) -> bool:
        return self._queue.qsize() > BACKLOG

    def put(self, text: str | None) -> None:
        """Have the page told, from any thread; None ends it."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, text)

    async def next(self) -> str | None:
        try:
            return await asyncio.wait_for(self._queue.get(), PING_SECONDS)
        except TimeoutError:
            return ": still here\n\n"


class Events:
    """Takes what happens from any thread and tells every page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._pages: set[_Page] = set()
        self._is_closed = False

    def publish(self, event: str, **data: Any) -> None:
        """Tell every page of an event."""
        with self._lock:
            text = f"id: {next(self._ids)}\nevent: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
            for page in list(self._pages):
                page.put(None if page.is_behind else text)

    async def stream(self) -> AsyncIterator[str]:
        """What one page is sent, until it goes or we close."""
        page = _Page()
        with self._lock:
            if self._is_closed:
                return
            self._pages.add(page)
        try:
            yield f"retry: {RETRY_MILLISECONDS}\n\n"
            while (text := await page.next()) is not None:
                yield text
        finally:
            with self._lock:
                self._pages.discard(page)

    def close(self) -> None:
        """End every stream, so that nothing keeps the server from stopping."""
        with self._lock:
            self._is_closed = True
            for page in self._pages:
                page.put(None)
