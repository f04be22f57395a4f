"""The reply that Discord waits for: given with its file, tried again while Discord does not know it yet."""

import io
import itertools
import traceback
from typing import Any

import pytest
from pydantic import SecretStr

from infra.fake_discord.fake import FakeDiscord
from shared.discord import deferred_reply, rest
from shared.discord.error import ALREADY_ACKNOWLEDGED, UNKNOWN_WEBHOOK
from tests.clock import Clock
from tests.conftest import Surroundings
from tests.proxy import Proxy, broken, dropped, nobody
from tests.shared.discord.posting import CHANNEL, HELLO, refused

_numbers = itertools.count()
INTERACTION_ID, REPLY_TOKEN = "1400000000000000009", "aW50ZXJhY3Rpb246+=="


@pytest.fixture
def issued(local_discord: FakeDiscord) -> str:
    """The token of an interaction that has just been delivered."""
    token = f"{REPLY_TOKEN}{next(_numbers)}"
    interaction = {"id": INTERACTION_ID, "type": 2, "token": token, "channel_id": CHANNEL}
    local_discord.issue(interaction | {"member": {"user": {"id": "310000000000000001"}}})
    return token


def defer(token: str) -> None:
    """Have Discord wait."""
    deferred_reply.defer(INTERACTION_ID, SecretStr(token), timeout=2)


def edit(token: str, clock: Clock, file: rest.File | None = None, timeout: float = 30) -> None:
    """Edit the reply that is deferred at this moment."""
    deferred_reply.edit(
        *(INTERACTION_ID, SecretStr(token), HELLO), file=file, deferred_at=clock.monotonic(), timeout=timeout
    )


def test_a_deferred_reply_gets_its_file(
    discord_proxy: Proxy, clock: Clock, local_discord: FakeDiscord, issued: str
) -> None:
    defer(issued)
    edit(issued, clock, ("a.csv", io.BytesIO(b"a,b\r\n"), "text/csv"))
    message = local_discord.reply(issued)
    (file,) = message["attachments"]
    assert (message["content"], file["filename"], file["content_type"]) == ("Hello", "a.csv", "text/csv")
    assert local_discord.attachment(file["id"]) == b"a,b\r\n"
    edit(issued, clock)
    assert local_discord.reply(issued)["attachments"] == []
    assert [r.method for r in discord_proxy.requests] == ["POST", "PATCH", "PATCH"]
    assert clock.slept == []


def test_an_acknowledged_interaction_is_told_by_its_code(functions: Any, clock: Clock, issued: str) -> None:
    defer(issued)
    assert refused(lambda: defer(issued)).code == ALREADY_ACKNOWLEDGED


def test_a_reply_that_is_not_known_yet_is_tried_again_for_ten_seconds(
    functions: Any, clock: Clock, local_discord: FakeDiscord, issued: str
) -> None:
    before = len(local_discord.requests)
    assert refused(lambda: edit(issued, clock)).code == UNKNOWN_WEBHOOK  # there is none, for ever
    assert clock.slept == [0.5, 1, 2, 4]
    assert len(local_discord.requests) == before + 5


def test_later_an_unknown_reply_stays_unknown(functions: Any, clock: Clock, issued: str) -> None:
    deferred_at = clock.monotonic()
    clock.advance(9.6)
    error = refused(
        lambda: deferred_reply.edit(INTERACTION_ID, SecretStr(issued), HELLO, deferred_at=deferred_at, timeout=30)
    )
    assert error.code == UNKNOWN_WEBHOOK
    assert clock.slept == []


@pytest.mark.parametrize("code", [10008, 50027, 0])
def test_no_other_refusal_is_tried_again(
    functions: Any, clock: Clock, local_discord: FakeDiscord, issued: str, code: int
) -> None:
    local_discord.fail(404, code)
    assert refused(lambda: edit(issued, clock)).code == code
    assert clock.slept == []


def test_a_rate_limit_of_replies_is_obeyed(
    functions: Any, clock: Clock, local_discord: FakeDiscord, issued: str
) -> None:
    defer(issued)
    local_discord.fail(429, retry_after=3)
    edit(issued, clock, ("a.csv", io.BytesIO(b"a"), "text/csv"))
    assert clock.slept == [3]
    assert len(local_discord.reply(issued)["attachments"]) == 1


def test_no_error_of_a_reply_tells_its_token(
    discord_proxy: Proxy, clock: Clock, surroundings: Surroundings, issued: str
) -> None:
    discord_proxy.next(dropped, broken(500), broken(404))
    errors = [refused(lambda: defer(issued)) for _ in range(3)]
    surroundings.set(DISCORD_API_URL=nobody())
    errors += [refused(lambda: edit(issued, clock))]
    traces = "".join("".join(traceback.format_exception(error)) for error in errors)
    assert len(errors) == 4
    assert REPLY_TOKEN[:12] not in traces + repr(errors)
