"""The process of an execution environment: import handlers, answer events, log as Lambda does.

`python -m infra.local.runtime FD`: FD is one end of a `multiprocessing.Pipe`; environment.py has the other.
"""

import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any

Handler = Callable[[dict[str, Any], "Context"], Any]
_RECORD_FIELDS = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "aws_request_id"}


class Context:
    """The part of Lambda's context object that handlers may use."""

    memory_limit_in_mb = "512"

    def __init__(self, function_name: str, request_id: str, timeout: float) -> None:
        self.function_name = function_name
        self.aws_request_id = request_id
        self._deadline = time.monotonic() + timeout

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class Formatter(logging.Formatter):
    """One JSON object a line, with the fields of Lambda's own JSON format.

    https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/lambda_runtime_log_utils.py
    """

    def __init__(self) -> None:
        super().__init__()
        self.request_id: str | None = None

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "timestamp": _iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **_exception(record),
            "requestId": self.request_id,
            **{key: value for key, value in vars(record).items() if key not in _RECORD_FIELDS},
        }
        return json.dumps({k: v for k, v in fields.items() if v is not None}, ensure_ascii=False, default=str)


class RpcRecorder:
    """Wraps `shared.database.rpc`: records each call, and passes `now` if the clock is moved."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.clock_offset = 0.0
        self._installed = False

    def install(self) -> None:
        """Wrap the function once its module is imported."""
        module: Any = sys.modules.get("shared.database")
        if module and not self._installed:
            module.rpc, self._installed = self._recording(module.rpc), True

    def _recording(self, rpc: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(name: str, **arguments: Any) -> Any:
            self.calls.append(name)
            if self.clock_offset:
                moved = datetime.now(UTC) + timedelta(seconds=self.clock_offset)
                arguments.setdefault("now", _iso(moved))
            return rpc(name, **arguments)

        return recorded


class Runtime:
    """Serves the requests of environment.py."""

    def __init__(self, connection: Connection, formatter: Formatter) -> None:
        self._connection = connection
        self._formatter = formatter
        self._handlers: dict[str, Handler] = {}
        self._recorder = RpcRecorder()

    def serve(self) -> None:
        """Answer requests until the other end is closed."""
        requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
        Thread(target=_receive, args=(self._connection, requests), daemon=True).start()
        while True:
            request = requests.get()
            answer = self._invoke(**request) if "event" in request else self._load(**request)
            self._connection.send_bytes(json.dumps(answer).encode())

    def _load(self, handler: str) -> dict[str, Any]:
        """Import the handler, as Lambda does once in an environment, before its first event."""
        module, _, function = handler.rpartition(".")
        try:
            self._handlers[handler] = getattr(importlib.import_module(module), function)
        except ImportError as error:
            return _failed("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}")
        except AttributeError:
            if module not in sys.modules:
                return _raised()
            return _failed("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'")
        except Exception:
            return _raised()
        return {"error": None}

    def _invoke(
        self, handler: str, event: dict[str, Any], request_id: str, timeout: float, clock_offset: float
    ) -> dict[str, Any]:
        self._formatter.request_id = request_id
        self._recorder.install()
        self._recorder.calls.clear()
        self._recorder.clock_offset = clock_offset
        context = Context(handler.split(".")[-2], request_id, timeout)
        return {**self._answer(self._handlers[handler], event, context), "calls": self._recorder.calls}

    def _answer(self, handler: Handler, event: dict[str, Any], context: Context) -> dict[str, Any]:
        try:
            result = handler(event, context)
        except Exception:
            return _raised()
        try:
            json.dumps(result)
        except (TypeError, ValueError) as error:
            return _failed("Runtime.MarshalError", f"Unable to marshal response: {error}")
        return {"error": None, "result": result}


def _receive(connection: Connection, requests: "SimpleQueue[dict[str, Any]]") -> None:
    # Receive in a thread: an environment whose parent has ended must end at once, even during an event.
    while True:
        try:
            requests.put(json.loads(connection.recv_bytes()))
        except (EOFError, OSError):
            os._exit(1)


def _raised() -> dict[str, Any]:
    kind, error, _ = sys.exc_info()
    assert kind
    logging.getLogger("lambda").exception("the handler raised an exception")
    return {"error": [kind.__name__, str(error)]}


def _failed(kind: str, message: str) -> dict[str, Any]:
    logging.getLogger("lambda").error(message, extra={"errorType": kind})
    return {"error": [kind, message]}


def _exception(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or not record.exc_info[0]:
        return {}
    kind, error, trace = record.exc_info
    return {"errorType": kind.__name__, "errorMessage": str(error), "stackTrace": traceback.format_tb(trace)}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main() -> None:
    output, formatter = logging.StreamHandler(), Formatter()
    output.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[output])
    Runtime(Connection(int(sys.argv[1])), formatter).serve()


if __name__ == "__main__":
    main()
