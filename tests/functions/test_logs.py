"""What the log tells: one line an interaction, with nothing that somebody typed."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra.fake_discord.client import COMMAND, Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from infra.local.environment import Environments
from infra.local.keys import Keys
from shared.discord.payload import Payload
from shared.interactions.interaction import Interaction
from tests.functions.log_lines import TYPED, lines

Json = dict[str, Any]


def test_one_line_tells_of_a_command(server: Client, log: pytest.LogCaptureFixture) -> None:
    log.clear()
    reply = server.slash("drop create", event="nothing", user=ADMIN)
    (line,) = lines(log)
    assert line["message"] == "interaction"
    assert line["level"] == "INFO"
    assert line["interaction_id"] == reply.interaction["id"]
    assert line["server_id"] == server.guild_id
    assert line["command"] == "drop create"
    assert line["outcome"] == "event_not_found"
    assert 0 < line["milliseconds"] < 3_000
    assert line["cold"] is False


def test_one_line_tells_of_each_kind(server: Client, local_discord: FakeDiscord, log: pytest.LogCaptureFixture) -> None:
    server.slash("drop create", event="news_tracker", max_claims=1, user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    log.clear()
    server.click(message, "Claim", user=BOB)
    server.click(message, "Claim", user=ADMIN)
    server.autocomplete("drop create", event="n", user=ADMIN)
    server.slash("daily", user=BOB)
    server.slash("setup disconnect", confirm="no", user=ADMIN)
    server.slash("setup status", user=BOB)
    server.interact(COMMAND, {"name": "gone"}, BOB)
    server.interact(COMMAND, {"name": "setup", "options": [{"name": "disconnect", "type": 1}]}, ADMIN)
    assert [(line["command"], line["outcome"]) for line in lines(log)] == [
        ("claim", "claimed"),
        ("claim", "drop_full"),
        ("drop create", "events"),
        ("daily", "checked_in"),
        ("setup disconnect", "confirmation_missing"),
        ("setup status", "not_allowed"),
        ("gone", "unknown"),
        ("setup disconnect", "invalid_options"),
    ]


def test_a_ping_leaves_no_line(discord: Client, log: Any) -> None:
    log.clear()
    discord.ping()
    assert lines(log) == []


@pytest.mark.parametrize("body", [{"body": TYPED}, {"body": f"{TYPED}!", "isBase64Encoded": True}, {}])
def test_a_line_tells_of_a_bad_signature_and_nothing_of_the_request(functions: Any, log: Any, body: Json) -> None:
    log.clear()
    headers = {"x-signature-ed25519": TYPED, "x-signature-timestamp": TYPED, "user-agent": TYPED}
    functions.interactions.handler({"headers": headers, "rawPath": f"/{TYPED}", **body}, None)
    (line,) = lines(log)
    assert set(line) == {"timestamp", "level", "message", "logger"}
    assert (line["level"], line["message"]) == ("INFO", "bad signature")


def test_a_line_tells_of_a_refusal(server: Client, log: pytest.LogCaptureFixture) -> None:
    log.clear()
    server.slash("daily", user=BOB)
    server.slash("daily", user=BOB)
    assert [(line["outcome"], line["refused"]) for line in lines(log)] == [
        ("checked_in", False),
        ("already_checked_in", True),
    ]


def test_the_milliseconds_end_when_discord_is_told_to_wait(functions: Any, log: pytest.LogCaptureFixture) -> None:
    data = {"name": "export", "type": 1}
    interaction = Interaction(Payload.model_validate({"id": "1", "type": 2, "data": data}))
    interaction.deferred_at = 12.5
    functions.interactions._log(interaction, 12.0)
    assert lines(log)[-1]["milliseconds"] == 500.0


def test_the_first_interaction_of_an_environment_is_cold(
    server: Client, keys: Keys, functions: Any, tmp_path: Path
) -> None:
    sent: list[Json] = []
    names = [name for name in os.environ if name.startswith(("SUPABASE_", "DISCORD_"))]
    with (tmp_path / "log").open("w+") as output, Environments(1, {n: os.environ[n] for n in names}, output) as one:
        for _ in range(2):
            reply = server.slash("daily", user=BOB)
            headers = {"content-type": "application/json", **reply.signature}
            sent.append({"version": "2.0", "headers": headers, "body": reply.sent.decode(), "isBase64Encoded": False})
        for event in sent:
            assert one.invoke("functions.interactions.handler", event, 10).result["statusCode"] == 200
        output.seek(0)
        written = [json.loads(line) for line in output]
    assert [(line["message"], line["cold"]) for line in written] == [("interaction", True), ("interaction", False)]
