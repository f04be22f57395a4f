"""Ports of the loopback interface, taken once: between a search and its use another program could take a free one."""

import socket
import sys

from infra.local.child import StackError


def listen(port: int = 0) -> socket.socket:
    """Listen on a port, any free one by default, for a server in this process. Raises StackError."""
    listener = _bound(port)
    listener.listen()
    return listener


class Reservation:
    """A port, any free one by default, that another program will listen on: nobody else gets it while we hold it.

    That program sets SO_REUSEADDR, as servers do. Raises StackError.
    """

    def __init__(self, port: int = 0) -> None:
        self._holder = _bound(port)
        self.port: int = self._holder.getsockname()[1]

    def hand_over(self) -> None:
        """Let the program listen: on Linux beside our socket, elsewhere only after it has been closed."""
        if sys.platform != "linux":
            self._holder.close()

    def __enter__(self) -> "Reservation":
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.close()


def _bound(port: int) -> socket.socket:
    # Name TCP: otherwise asyncio leaves Nagle's algorithm on, which delays each answer by 40 ms.
    bound = socket.socket(proto=socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # take also a port that was closed a moment ago
    try:
        bound.bind(("127.0.0.1", port))
    except OSError as error:
        bound.close()
        raise StackError(f"Port {port} cannot be used: {error.strerror}.") from error
    return bound
