"""The log as the tests read it."""

import json
import traceback
from typing import Any

import pytest

from infra.local.runtime import Formatter

Json = dict[str, Any]

TYPED = "xyzzy-typed-by-somebody"


def lines(log: pytest.LogCaptureFixture) -> list[Json]:
    """The lines as Lambda writes them."""
    formatter = Formatter()
    return [json.loads(formatter.format(record)) for record in log.records]


def everything(log: pytest.LogCaptureFixture) -> str:
    """Everything that could be read in the log, with the traces and their causes."""
    traces = ["".join(traceback.format_exception(r.exc_info[1])) for r in log.records if r.exc_info and r.exc_info[1]]
    return "\n".join([*map(json.dumps, lines(log)), *(repr(vars(record)) for record in log.records), *traces])


def echoed(status: int) -> Any:
    """A server that sends back everything it got, as debug pages do."""

    def trouble(request: Any, _forward: Any) -> Any:
        text = f"{request.headers} {request.body.decode()}"
        body = json.dumps({"code": "XX000", "message": "boom", "details": text, "hint": text})
        return status, {"content-type": "application/json"}, body.encode()

    return trouble
