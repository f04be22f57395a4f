"""Server-sent events."""

import asyncio
import http.client
import json
from contextlib import closing

import pytest
from sse_starlette import EventSourceResponse

from infra.playground.server.app import Playground
from infra.playground.server.events import Events
from tests.infra.playground.server.listener import SECONDS


def test_a_page_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[str]:
        events = Events()
        stream = events.stream()
        first = await anext(stream)
        for number in range(5):
            events.publish("clock", now=number)
            await asyncio.sleep(0)  # the event is queued, and not read
        return [event.encode().decode() for event in (first, *[event async for event in stream])]

    monkeypatch.setattr("infra.playground.server.events.BACKLOG", 2)
    first, *heard = asyncio.run(story())
    assert first.split() == ["retry:", "1000"]
    assert [json.loads(text.partition("data: ")[2])["now"] for text in heard] == [0, 1, 2]


def test_a_page_hears_in_silence_that_the_stream_is_open(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventSourceResponse, "DEFAULT_PING_INTERVAL", 0.01)
    with closing(http.client.HTTPConnection(playground.url.removeprefix("http://"), timeout=SECONDS)) as connection:
        connection.request("GET", "/api/events")
        response = connection.getresponse()
        assert response.headers["content-type"].startswith("text/event-stream")
        assert [response.readline().partition(b" ")[0] for _ in range(3)] == [b"retry:", b"\r\n", b":"]
        response.close()
