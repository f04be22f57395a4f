"""A starlette application on a loopback port, served by uvicorn in a thread."""

import threading
import time

import uvicorn
from starlette.types import ASGIApp

from infra.local.child import StackError
from infra.local.ports import listen


class HttpServer:
    """Serves `app`; takes the port at once, so that `url` is known before start()."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._socket = listen(port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        # After stop(), wait 3 seconds for open requests, then cut them off.
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> None:
        """Start to serve; returns when requests are answered. Raises StackError."""
        self._thread.start()
        while not self._uvicorn.started:
            if not self._thread.is_alive():
                raise StackError(f"The server at {self.url} did not start; its error stands above.")
            time.sleep(0.005)

    def stop(self) -> None:
        """Finish the open requests, then close the port."""
        self._uvicorn.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
