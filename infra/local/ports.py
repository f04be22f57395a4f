"""Ports of the loopback interface."""

import socket

from infra.local.child import StackError


def listen(port: int = 0) -> socket.socket:
    """Take a port, any free one by default, for a server in this process."""
    # asyncio sends small pieces at once (TCP_NODELAY) only where the protocol is named; else an answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # also one that was in use a moment ago
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise StackError(f"Port {port} cannot be used: {error.strerror}.") from error
    return listener


def free_port(wanted: int = 0) -> int:
    """A port for another program: the wanted one when nothing uses it, any free one by default."""
    with listen(wanted) as probe:
        port: int = probe.getsockname()[1]
        return port
