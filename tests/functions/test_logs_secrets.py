"""What no log and no error tells: tokens, keys, passwords, and what somebody typed."""

import io
import json
import logging
import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from infra.deploy import database as deployment
from infra.deploy import register_commands
from infra.fake_discord.client import COMMAND, COMPONENT, Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from infra.local.environment import Environments
from infra.local.keys import Keys
from infra.local.runtime import Context
from shared import database
from shared.discord import rate_limits
from shared.discord.payload import Payload
from shared.settings import DatabaseSettings, SettingsError, SignatureSettings
from tests.conftest import Surroundings
from tests.functions.log_lines import TYPED, echoed, everything, lines
from tests.proxy import Proxy, broken, dropped, moved, nobody, serving
from tests.sql import Database

Json = dict[str, Any]


# --- Interactions


@pytest.fixture
def loud(log: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs, as with ApplicationLogLevel DEBUG."""
    log.set_level(logging.DEBUG)
    return log


@pytest.fixture
def secrets(keys: Keys) -> Callable[[str, Client], None]:
    """Asserts that a text holds no secret."""

    def check(text: str, client: Client) -> None:
        marked = {
            "bot token": keys.bot_token,
            "service key": keys.service_key,
            "jwt secret": keys.jwt_secret,
            "signing key": keys.signing_key,
            "what was typed": TYPED,
            "an interaction token": "aW50ZXJhY3Rpb246",  # base64 of "interaction:", how the client's tokens begin
            "a name": BOB.name,
        }
        assert [name for name, secret in marked.items() if secret in text] == []

    return check


def test_no_database_trouble_tells_a_secret(
    server: Client,
    rest_proxy: Proxy,
    surroundings: Surroundings,
    loud: pytest.LogCaptureFixture,
    secrets: Callable[[str, Client], None],
) -> None:
    surroundings.hurry()
    echoes = [echoed(500), echoed(400), echoed(200), echoed(503)]
    for trouble in [*echoes, broken(500), broken(200), broken(401), broken(503), moved("/rpc/nothing"), dropped]:
        rest_proxy.next(trouble)
        server.slash("drop create", event=TYPED, description=TYPED, label=TYPED, user=ADMIN)
        server.slash("daily", user=BOB)
    surroundings.set(SUPABASE_REST_URL=nobody())
    server.slash("daily", user=BOB)
    surroundings.set(SUPABASE_SECRET_KEY="sb_secret_" + TYPED)
    server.slash("daily", user=BOB)
    assert len(loud.records) > 20
    secrets(everything(loud), server)


def test_a_value_that_postgres_refuses_is_not_repeated(
    server: Client, loud: pytest.LogCaptureFixture, secrets: Callable[[str, Client], None]
) -> None:
    reply = server.interact(
        COMMAND,
        {
            "name": "drop",
            "options": [
                {
                    "name": "create",
                    "type": 1,
                    "options": [{"name": "event", "type": 3, "value": f"{TYPED}\0"}],
                }
            ],
        },
        ADMIN,
    )
    assert reply.ephemeral
    secrets(everything(loud), server)


def test_no_discord_trouble_tells_a_secret(
    server: Client,
    discord_proxy: Proxy,
    local_discord: FakeDiscord,
    functions: Any,
    db: Database,
    loud: pytest.LogCaptureFixture,
    secrets: Callable[[str, Client], None],
) -> None:
    for trouble in (echoed(500), echoed(403), echoed(400), broken(500), broken(401), broken(429), dropped):
        discord_proxy.next(trouble)
        rate_limits.reset()
        server.slash("drop create", event="news_tracker", description=TYPED, user=ADMIN)
    rate_limits.reset()
    server.slash("drop create", event="news_tracker", description=TYPED, user=ADMIN)
    db.run("update discord_drops set expires_at = now()")
    local_discord.fail(500, method="PATCH", times=50)
    with pytest.raises(functions.expire_drops.RenderError) as caught:
        functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    assert "message not rendered" in [record.message for record in loud.records]
    secrets(everything(loud) + "".join(traceback.format_exception(caught.value)), server)


def with_the_path(status: int) -> Any:
    """A server whose errors name what was asked for."""
    return lambda request, _forward: (
        status,
        {"content-type": "application/json"},
        json.dumps({"code": 1, "message": request.path}).encode(),
    )


def test_no_trouble_with_a_file_tells_the_token(
    server: Client,
    discord_proxy: Proxy,
    surroundings: Surroundings,
    loud: pytest.LogCaptureFixture,
    secrets: Callable[[str, Client], None],
) -> None:
    for trouble in (with_the_path(400), with_the_path(500), echoed(404), broken(401), dropped):
        discord_proxy.next(trouble)
        server.slash("export", type="audit", user=ADMIN)
        discord_proxy.next(None, trouble, trouble)
        server.slash("export", type="audit", user=ADMIN)
    surroundings.set(DISCORD_API_URL=nobody())
    server.slash("export", type="audit", user=ADMIN)
    said = [line["message"] for line in lines(loud)]
    assert (said.count("reply not deferred"), said.count("file not sent"), said.count("reply not sent")) == (6, 5, 5)
    secrets(everything(loud), server)
    assert "SecretStr('**********')" in repr(Payload(id="1", type=2, token=SecretStr(TYPED)))


def test_what_cannot_be_read_is_not_repeated(
    discord: Client, functions: Any, loud: pytest.LogCaptureFixture, secrets: Callable[[str, Client], None]
) -> None:
    bad_member = {"user": {"id": TYPED}}
    discord.interact(COMMAND, {"name": "daily"}, BOB, member=bad_member)
    discord.interact(COMPONENT, {"custom_id": f"claim:{TYPED}"}, BOB, message={"id": TYPED})
    discord.interact(COMPONENT, {"custom_id": f"claim:{TYPED}"}, BOB, message={"id": "1"})
    discord.interact(
        COMMAND,
        {
            "name": "setup",
            "options": [
                {"name": "connect", "type": 1, "options": [{"name": "brand_id", "type": 3, "value": TYPED * 10}]}
            ],
        },
        ADMIN,
    )
    functions.interactions.answer(f'{{"type": 2, "{TYPED}'.encode())
    assert [line["message"] for line in lines(loud)].count("malformed interaction") == 3
    secrets(everything(loud), discord)


def test_errors_that_an_alarm_shows_tell_no_secret(
    surroundings: Surroundings, keys: Keys, secrets: Callable[[str, Client], None], server: Client
) -> None:
    surroundings.set(SUPABASE_REST_URL=nobody())
    with pytest.raises(database.DatabaseError) as caught:
        database.rpc("claim_drop", timeout=0.2, caller={"token": TYPED})
    secrets("".join(traceback.format_exception(caught.value)), server)


def test_a_wrong_setting_is_named_and_not_shown(
    surroundings: Surroundings, secrets: Callable[[str, Client], None], server: Client
) -> None:
    surroundings.set(DISCORD_PUBLIC_KEY=TYPED)
    with pytest.raises(SettingsError) as caught:
        SignatureSettings.load()
    trace = "".join(traceback.format_exception(caught.value))
    assert "DISCORD_PUBLIC_KEY" in trace
    secrets(trace, server)


# --- Outside of interactions


PASSWORD = "xyzzy-password"


def kept(text: str) -> Any:
    """Secrets Manager's answer."""
    body = json.dumps({"SecretString": text, "Message": text}).encode()
    return lambda _request, _forward: (200, {"content-type": "application/x-amz-json-1.1"}, body)


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch, surroundings: Surroundings) -> Iterator[Proxy]:
    """A fake Secrets Manager; its answer is the secret."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, TYPED)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with serving(nobody()) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", proxy.url)
        surroundings.set(SECRET_ARN="arn:aws:secretsmanager:eu-central-1:123456789012:secret:resonance-abcdef")
        yield proxy


def test_no_trouble_with_the_secret_tells_it(
    server: Client,
    vault: Proxy,
    keys: Keys,
    surroundings: Surroundings,
    loud: pytest.LogCaptureFixture,
    secrets: Callable[[str, Client], None],
) -> None:
    right = {"SUPABASE_SECRET_KEY": keys.service_key, "DISCORD_BOT_TOKEN": keys.bot_token}
    texts = [json.dumps(right), f"{keys.bot_token} is no JSON", json.dumps([keys.bot_token])]
    texts += [json.dumps(right | {"SUPABASE_SECRET_KEY": key}) for key in (keys.bot_token, keys.anon_key, "")]
    raised = ""
    for trouble in [*map(kept, texts), *[echoed(400)], *[echoed(500)] * 2, *[dropped] * 2]:
        vault.next(trouble)
    for _ in range(9):
        surroundings.renew()
        server.slash("daily", user=BOB)
        surroundings.renew()
    while vault.troubles:
        surroundings.renew()
        with pytest.raises(SettingsError) as caught:
            DatabaseSettings.load()
        raised += "".join(traceback.format_exception(caught.value))
    assert len(loud.records) > 9
    secrets(everything(loud) + raised, server)


@pytest.mark.parametrize("module", ["interactions", "events", "expire_drops", "reset_streaks", "prune_events"])
def test_a_cold_start_that_fails_names_the_variable_and_not_the_value(
    module: str, keys: Keys, secrets: Callable[[str, Client], None], discord: Client
) -> None:
    right = {name: value for name, value in os.environ.items() if name.startswith(("SUPABASE_", "DISCORD_"))}
    for wrong in (
        {"SUPABASE_SECRET_KEY": keys.bot_token},
        {"SUPABASE_SECRET_KEY": keys.anon_key},
        {"SUPABASE_SECRET_KEY": f"postgresql://postgres:{TYPED}@db.example.com:5432/postgres"},
        {"SUPABASE_URL": "", "DISCORD_APPLICATION_ID": "", "DISCORD_PUBLIC_KEY": keys.signing_key + TYPED},
    ):
        with tempfile.TemporaryFile("w+") as output, Environments(1, right | wrong, output) as environments:
            error = environments.invoke(f"functions.{module}.handler", {}, 10).error
            output.seek(0)
            said = f"{error} {output.read()}"
        assert "SettingsError" in said
        assert any(name in said for name in wrong)
        secrets(said, discord)


def test_registering_commands_tells_no_token(
    discord: Client,
    discord_proxy: Proxy,
    surroundings: Surroundings,
    capsys: pytest.CaptureFixture[str],
    loud: pytest.LogCaptureFixture,
    secrets: Callable[[str, Client], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["register_commands"])
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    for trouble in (echoed(401), echoed(403), echoed(500), broken(404), with_the_path(400), dropped):
        discord_proxy.next(trouble)
        rate_limits.reset()
        assert register_commands.main() != 0
    surroundings.set(DISCORD_API_URL=nobody())
    assert register_commands.main() != 0
    said = capsys.readouterr()
    assert "Discord answered 403" in said.err + said.out
    secrets(said.out + said.err + everything(loud), discord)


def test_a_deploy_of_the_database_that_fails_tells_no_password(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    port = nobody().rpartition(":")[2]
    for url in (
        f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres",
        f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres?{PASSWORD}",
        f"postgresql://postgres:{PASSWORD}@nowhere.invalid:5432/postgres",
        f"{PASSWORD}",
    ):
        monkeypatch.setattr("sys.argv", ["database", "deploy", url])
        assert deployment.main() != 0
    said = capfd.readouterr()
    assert "The database was not deployed" in said.err
    assert PASSWORD not in said.out + said.err
