"""What the gateway says of an invocation."""

import pytest

from infra.playground.server import server_timing


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("", (None, False, [])),
        ("handler;dur=1.5", (1.5, False, [])),
        ('handler;dur=700.0, cold, database;desc="a_b", database;desc="cold"', (700.0, True, ["a_b", "cold"])),
    ],
)
def test_what_the_gateway_says_is_read(header: str, read: tuple[float | None, bool, list[str]]) -> None:
    assert tuple(server_timing.read(header).values()) == read
