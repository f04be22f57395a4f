"""Ports of the loopback interface."""

import socket

from infra.local.child import StackError


def listen(port: int = 0) -> socket.socket:
    """Take a port, any free one by default, for a server in this process. Raises StackError."""
    # Name TCP: otherwise asyncio leaves Nagle's algorithm on, which delays each answer by 40 ms.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # take also a port that was closed a moment ago
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise StackError(f"Port {port} cannot be used: {error.strerror}.") from error
    return listener


def free_port(wanted: int = 0) -> int:
    """A port for another program: the wanted one if nothing uses it, any free one by default. Raises StackError."""
    with listen(wanted) as probe:
        port: int = probe.getsockname()[1]
        return port
