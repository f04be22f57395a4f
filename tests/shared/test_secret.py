"""What is secret comes from Secrets Manager: once at cold start, again after a restore, and where a key is refused."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB
from infra.local.keys import Keys
from shared import database, secret
from shared.discord import rest
from shared.settings import DatabaseSettings, DiscordSettings, SettingsError
from tests.conftest import Surroundings
from tests.proxy import Answer, Proxy, Request, nobody, serving, silence

Json = dict[str, Any]
OTHERS_KEY = Keys.make().service_key  # of the right kind, and of another project


class Vault:
    """The secret in moto's Secrets Manager."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.arn: str = client.create_secret(Name="resonance", SecretString="{}")["ARN"]

    def put(self, text: str) -> None:
        """Change the secret."""
        self._client.put_secret_value(SecretId=self.arn, SecretString=text)

    def keep(self, **settings: str) -> None:
        """Change the settings in the secret."""
        self.put(json.dumps(settings))

    def delete(self) -> None:
        """Remove the secret."""
        self._client.delete_secret(SecretId=self.arn, ForceDeleteWithoutRecovery=True)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account of nobody's, and nothing remembered of it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    secret.read.cache_clear()
    yield
    secret.read.cache_clear()


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """A secret that SECRET_ARN names."""
    with mock_aws():
        vault = Vault(boto3.client("secretsmanager"))
        monkeypatch.setenv("SECRET_ARN", vault.arn)
        yield vault


@pytest.fixture
def kept(vault: Vault, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch, keys: Keys) -> Vault:
    """Secrets are in the vault alone, as on Lambda."""
    for name in ("SUPABASE_SECRET_KEY", "DISCORD_BOT_TOKEN"):
        monkeypatch.delenv(name)
    vault.keep(SUPABASE_SECRET_KEY=keys.service_key, DISCORD_BOT_TOKEN=keys.bot_token)
    surroundings.renew()
    return vault


# --- Reading it


def test_without_its_arn_there_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_ARN", raising=False)
    assert secret.read() == {}


def test_what_is_in_the_secret_is_a_setting(kept: Vault, keys: Keys) -> None:
    assert DatabaseSettings.load().secret_key.get_secret_value() == keys.service_key
    assert DiscordSettings.load().bot_token.get_secret_value() == keys.bot_token


def test_the_secret_wins_over_the_environment(kept: Vault, monkeypatch: pytest.MonkeyPatch, keys: Keys) -> None:
    monkeypatch.setenv("DISCORD_BOT_TOKEN", "an-old-one")
    assert DiscordSettings.load().bot_token.get_secret_value() == keys.bot_token


def test_it_is_read_once(vault: Vault) -> None:
    vault.keep(DISCORD_BOT_TOKEN="one")
    assert secret.read() == {"DISCORD_BOT_TOKEN": "one"}
    vault.keep(DISCORD_BOT_TOKEN="two")
    assert secret.read() == {"DISCORD_BOT_TOKEN": "one"}
    secret.read.cache_clear()
    assert secret.read() == {"DISCORD_BOT_TOKEN": "two"}


def test_what_is_not_in_the_secret_is_missed_by_its_name(kept: Vault, surroundings: Surroundings) -> None:
    kept.keep(DISCORD_BOT_TOKEN="xyzzy")
    surroundings.renew()
    with pytest.raises(SettingsError, match=r"SUPABASE_SECRET_KEY \(missing\)"):
        DatabaseSettings.load()


def test_a_public_key_in_the_secret_is_refused(kept: Vault, surroundings: Surroundings, keys: Keys) -> None:
    kept.keep(SUPABASE_SECRET_KEY=keys.anon_key)
    surroundings.renew()
    with pytest.raises(SettingsError, match="this is the anon key"):
        database.client()


@pytest.mark.parametrize("text", ["xyzzy", "null", '"xyzzy"', '["xyzzy"]', '{"xyzzy": 1}', '{"xyzzy": null}'])
def test_a_secret_of_another_form_is_told_without_what_is_in_it(vault: Vault, text: str) -> None:
    vault.put(text)
    with pytest.raises(SettingsError) as caught:
        DatabaseSettings.load()
    assert str(caught.value) == "The secret that SECRET_ARN names is not a JSON object of texts"
    assert caught.value.__suppress_context__


def test_a_secret_that_is_not_there_is_told(vault: Vault) -> None:
    vault.delete()
    with pytest.raises(SettingsError) as caught:
        DatabaseSettings.load()
    assert str(caught.value) == "The secret that SECRET_ARN names cannot be read (ResourceNotFoundException)"
    assert caught.value.__suppress_context__


def test_a_failure_is_not_remembered(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:another-abcdef")
    with pytest.raises(secret.SecretError):
        secret.read()
    monkeypatch.setenv("SECRET_ARN", vault.arn)
    assert secret.read() == {}


# --- Over the wire


ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:resonance-abcdef"


def answered(status: int, **body: Any) -> Any:
    """An answer of Secrets Manager."""
    answer: Answer = (status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(body).encode())
    return lambda _request, _forward: answer


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Where Secrets Manager would be; each test says what it answers."""
    monkeypatch.setenv("SECRET_ARN", ARN)
    with serving(nobody()) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", proxy.url)
        yield proxy


def target(request: Request) -> str:
    """The operation that was asked for."""
    return {name.lower(): value for name, value in request.headers.items()}["x-amz-target"]


def test_one_request_reads_it(wire: Proxy) -> None:
    wire.next(answered(200, ARN=ARN, SecretString='{"A": "b"}'))
    assert (secret.read(), secret.read()) == ({"A": "b"}, {"A": "b"})
    (request,) = wire.requests
    assert target(request) == "secretsmanager.GetSecretValue"
    assert json.loads(request.body) == {"SecretId": ARN}


def test_a_passing_failure_is_tried_again(wire: Proxy) -> None:
    wire.next(answered(500, __type="InternalServiceError"), answered(200, ARN=ARN, SecretString='{"A": "b"}'))
    assert secret.read() == {"A": "b"}


@pytest.mark.parametrize(
    ("status", "code"), [(400, "AccessDeniedException"), (400, "DecryptionFailure"), (500, "InternalServiceError")]
)
def test_a_refusal_is_told_by_its_code(wire: Proxy, status: int, code: str) -> None:
    wire.next(*[answered(status, __type=code, Message="xyzzy", SecretString="xyzzy")] * 2)
    with pytest.raises(secret.SecretError) as caught:
        secret.read()
    assert str(caught.value) == f"The secret that SECRET_ARN names cannot be read ({code})"
    assert caught.value.__context__ is None


def test_bytes_are_no_settings(wire: Proxy) -> None:
    wire.next(answered(200, ARN=ARN, SecretBinary="eHl6enk="))
    with pytest.raises(secret.SecretError, match="is not a JSON object"):
        secret.read()


def test_nobody_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_ARN", ARN)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", nobody())
    with pytest.raises(secret.SecretError, match=r"cannot be read \(EndpointConnectionError\)"):
        secret.read()


def test_silence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret, "SECONDS", 0.1)
    monkeypatch.setenv("SECRET_ARN", ARN)
    with silence() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", url)
        with pytest.raises(secret.SecretError, match=r"cannot be read \(ReadTimeoutError\)"):
            secret.read()


def test_a_restored_snapshot_has_time_for_it() -> None:
    pause = 1  # between two attempts, at most
    assert 2 * secret.SECONDS * secret.ATTEMPTS + pause * (secret.ATTEMPTS - 1) < 10


# --- A key that is changed while we run


def test_a_click_with_a_key_that_was_changed_is_answered(
    kept: Vault, server: Client, keys: Keys, surroundings: Surroundings, rest_proxy: Proxy
) -> None:
    kept.keep(SUPABASE_SECRET_KEY=OTHERS_KEY, DISCORD_BOT_TOKEN=keys.bot_token)
    surroundings.renew()
    database.client()
    kept.keep(SUPABASE_SECRET_KEY=keys.service_key, DISCORD_BOT_TOKEN=keys.bot_token)
    assert "Checked in" in server.slash("daily", user=BOB).text
    assert rest_proxy.paths() == ["/rpc/check_in"] * 2
    assert "already" in server.slash("daily", user=BOB).text
    assert len(rest_proxy.requests) == 3


def test_a_message_with_a_token_that_was_changed_is_posted(
    kept: Vault, server: Client, keys: Keys, surroundings: Surroundings, discord_proxy: Proxy
) -> None:
    kept.keep(SUPABASE_SECRET_KEY=keys.service_key, DISCORD_BOT_TOKEN="an-old-one")
    surroundings.renew()
    rest.client()
    kept.keep(SUPABASE_SECRET_KEY=keys.service_key, DISCORD_BOT_TOKEN=keys.bot_token)
    assert "The drop is in" in server.slash("drop create", event="news_tracker", user=ADMIN).text
    old, new = ({name.lower(): value for name, value in r.headers.items()} for r in discord_proxy.requests)
    assert (old["authorization"], new["authorization"]) == ("Bot an-old-one", f"Bot {keys.bot_token}")


def test_a_key_of_the_new_kind_takes_the_place_of_an_old_one(
    kept: Vault, surroundings: Surroundings, rest_proxy: Proxy
) -> None:
    kept.keep(SUPABASE_SECRET_KEY=OTHERS_KEY)
    surroundings.renew()
    database.client()
    kept.keep(SUPABASE_SECRET_KEY="sb_secret_new")
    with pytest.raises(database.DatabaseError):
        database.rpc("reset_streaks", timeout=2)
    old, new = ({name.lower(): value for name, value in r.headers.items()} for r in rest_proxy.requests)
    assert (old["apikey"], old["authorization"]) == (OTHERS_KEY, f"Bearer {OTHERS_KEY}")
    assert new["apikey"] == "sb_secret_new"
    assert "authorization" not in new


def test_a_key_that_is_refused_and_was_not_changed_is_not_sent_again(
    kept: Vault, surroundings: Surroundings, rest_proxy: Proxy
) -> None:
    kept.keep(SUPABASE_SECRET_KEY=OTHERS_KEY)
    surroundings.renew()
    with pytest.raises(database.DatabaseError):
        database.rpc("reset_streaks", timeout=2)
    assert len(rest_proxy.requests) == 1


def test_each_client_learns_of_a_change_by_itself(
    kept: Vault, server: Client, keys: Keys, surroundings: Surroundings
) -> None:
    kept.keep(SUPABASE_SECRET_KEY=OTHERS_KEY, DISCORD_BOT_TOKEN="an-old-one")
    surroundings.renew()
    database.client()
    rest.client()
    kept.keep(SUPABASE_SECRET_KEY=keys.service_key, DISCORD_BOT_TOKEN=keys.bot_token)
    assert "The drop is in" in server.slash("drop create", event="news_tracker", user=ADMIN).text


def test_a_secret_that_cannot_be_read_again_is_our_fault(
    kept: Vault, server: Client, surroundings: Surroundings
) -> None:
    kept.keep(SUPABASE_SECRET_KEY=OTHERS_KEY, DISCORD_BOT_TOKEN="an-old-one")
    surroundings.renew()
    database.client()
    kept.delete()
    assert "Something went wrong on our side" in server.slash("daily", user=BOB).text
