"""What the bot may do in a channel: shared/discord/permissions.py."""

import pytest

from infra.fake_discord.members import EVERYONE
from shared.discord.permissions import missing, missing_to_send

TEXT, ANNOUNCEMENT, THREAD = 0, 5, 11
IN_THREADS = 1 << 38
NAMES = {
    1 << 10: "View Channel",
    1 << 11: "Send Messages",
    1 << 14: "Embed Links",
    1 << 16: "Read Message History",
}


@pytest.mark.parametrize("channel_type", [TEXT, ANNOUNCEMENT])
def test_what_everybody_has_is_enough(channel_type: int) -> None:
    assert missing(EVERYONE, channel_type) == []


@pytest.mark.parametrize(("bit", "name"), NAMES.items())
def test_what_is_missing_is_named(bit: int, name: str) -> None:
    assert missing(EVERYONE & ~bit, TEXT) == [name]


def test_all_is_named_in_the_order_of_discords_settings() -> None:
    assert missing(0, TEXT) == list(NAMES.values())


@pytest.mark.parametrize("thread", [10, 11, 12])
def test_a_thread_has_a_permission_of_its_own(thread: int) -> None:
    assert missing(EVERYONE, thread) == ["Send Messages in Threads"]
    assert missing(EVERYONE & ~(1 << 11) | IN_THREADS, thread) == []


@pytest.mark.parametrize("channel_type", [2, 13])
def test_the_chat_of_a_voice_channel_needs_connect_besides(channel_type: int) -> None:
    assert missing(EVERYONE, channel_type) == ["Connect"]
    assert missing(EVERYONE | 1 << 20, channel_type) == []
    assert missing(EVERYONE & ~(1 << 11) | 1 << 20, channel_type) == ["Send Messages"]


def test_in_a_channel_of_an_unknown_kind_only_what_all_kinds_need_is_missing() -> None:
    assert missing(EVERYONE & ~(1 << 11), None) == []
    assert missing(0, None) == ["View Channel", "Embed Links", "Read Message History"]


def test_the_permission_for_threads_is_none_for_channels() -> None:
    assert missing(EVERYONE & ~(1 << 11) | IN_THREADS, TEXT) == ["Send Messages"]


@pytest.mark.parametrize("channel_type", [TEXT, THREAD])
def test_an_administrator_lacks_nothing(channel_type: int) -> None:
    assert missing(1 << 3, channel_type) == []


# --- Of a member


@pytest.mark.parametrize(
    ("channel_type", "permissions", "lacking"),
    [
        (TEXT, 1 << 10 | 1 << 11, []),
        (ANNOUNCEMENT, 1 << 10 | 1 << 11, []),
        (TEXT, 1 << 10, ["Send Messages"]),
        (TEXT, 1 << 11, ["View Channel"]),
        (TEXT, 0, ["View Channel", "Send Messages"]),
        (TEXT, 1 << 10 | IN_THREADS, ["Send Messages"]),
        (THREAD, 1 << 10 | IN_THREADS, []),
        (THREAD, 1 << 10 | 1 << 11, ["Send Messages in Threads"]),
        (TEXT, 1 << 5, ["View Channel", "Send Messages"]),
        (THREAD, 1 << 3, []),
    ],
)
def test_a_member_needs_to_see_the_channel_and_to_send(channel_type: int, permissions: int, lacking: list[str]) -> None:
    assert missing_to_send(str(permissions), channel_type) == lacking


@pytest.mark.parametrize("channel_type", [TEXT, THREAD])
def test_what_is_not_told_is_not_missing(channel_type: int) -> None:
    assert missing_to_send(None, channel_type) == []
