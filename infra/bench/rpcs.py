"""claim_drop through PostgREST without handlers: many members at once, each call sent by bare http.client."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from queue import SimpleQueue
from urllib.parse import urlsplit

from infra.bench.testbed import Testbed
from shared.features.drops.message import Drop


def burst(testbed: Testbed, drop: Drop, *, connections: int, calls: int) -> float:
    """Send so many calls, one at a time on each connection; return the seconds until the last is answered."""
    bodies = [_body(testbed, drop) for _ in range(calls)]
    headers = {"Authorization": f"Bearer {testbed.keys.service_key}", "Content-Type": "application/json"}
    opened = [_connect(testbed.supabase.postgrest.url) for _ in range(connections)]
    idle: SimpleQueue[HTTPConnection] = SimpleQueue()
    for connection in opened:
        idle.put(connection)

    def send(body: bytes) -> None:
        connection = idle.get()
        connection.request("POST", "/rpc/claim_drop", body, headers)
        response = connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
        idle.put(connection)

    try:
        with ThreadPoolExecutor(connections) as pool:
            start = time.perf_counter()
            list(pool.map(send, bodies))
            return time.perf_counter() - start
    finally:
        for connection in opened:
            connection.close()


def _body(testbed: Testbed, drop: Drop) -> bytes:
    caller = testbed.caller() | {"manages_server": False, "required_level": None}
    arguments = {"p_caller": caller, "p_drop_id": drop["drop_id"], "p_message_id": drop["message_id"]}
    return json.dumps(arguments).encode()


def _connect(url: str) -> HTTPConnection:
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port)
    connection.connect()
    return connection
