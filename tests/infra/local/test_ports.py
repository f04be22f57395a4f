"""infra.local.ports: a port that was taken stays taken until its program listens."""

import socket
import subprocess
import sys

import pytest

from infra.local.child import StackError
from infra.local.ports import Reservation, listen

GRABBING = """
import socket, sys
grabber = socket.socket()
grabber.bind(("127.0.0.1", int(sys.argv[1])))
grabber.listen()
"""
REUSING = "grabber.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)"
LISTENING = GRABBING.replace("grabber.bind", f"{REUSING}\ngrabber.bind")


def run(program: str, port: int) -> str:
    """Another process that takes the port; returns what went wrong there."""
    done = subprocess.run([sys.executable, "-c", program, str(port)], capture_output=True, text=True, check=False)
    return done.stderr


def test_another_process_cannot_grab_a_reserved_port() -> None:
    with Reservation() as reservation:
        assert "Address already in use" in run(GRABBING, reservation.port)
        reservation.hand_over()
        assert run(LISTENING, reservation.port) == ""


def test_a_reservation_ends() -> None:
    with Reservation() as reservation:
        pass
    assert run(GRABBING, reservation.port) == ""


def test_nobody_gets_a_reserved_port_by_chance() -> None:
    with Reservation() as first:
        others = [Reservation() for _ in range(100)]
        try:
            assert len({first.port, *(other.port for other in others)}) == 101
        finally:
            for other in others:
                other.__exit__()


def test_another_process_cannot_grab_the_port_of_a_server_that_does_not_run_yet() -> None:
    with listen() as listener:
        port = listener.getsockname()[1]
        assert "Address already in use" in run(GRABBING, port)
        assert "Address already in use" in run(LISTENING, port)


@pytest.mark.parametrize("take", [listen, Reservation])
def test_a_port_in_use_is_named(take: type) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port} cannot be used"):
            take(port)
