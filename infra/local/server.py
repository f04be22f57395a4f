"""A starlette application on a loopback port, served by uvicorn in a thread."""

import threading
import time

import uvicorn
from starlette.types import ASGIApp

from infra.local.child import StackError
from infra.local.ports import listen


class HttpServer:
    """Serves `app`; the port is taken at once, so that `url` is known before anything answers there."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._socket = listen(port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        # What is still open when we stop gets a moment, then it is cut off.
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> None:
        """Serve; returns when requests are answered."""
        self._thread.start()
        while not self._uvicorn.started:
            if not self._thread.is_alive():
                raise StackError(f"The server at {self.url} did not start; its error stands above.")
            time.sleep(0.005)

    def stop(self) -> None:
        """Finish what is being answered, then close the port."""
        self._uvicorn.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
