"""A snapshot holds no connection, and what is restored from it has the secret of today."""

import importlib
import json
import os
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.members import BOB
from infra.local.keys import Keys
from shared import database, secret, snapstart
from shared.discord import rate_limits, rest
from shared.discord.error import DiscordError
from shared.interactions.registry import REGISTRY
from tests import ROOT
from tests.conftest import Surroundings
from tests.proxy import Proxy, nobody, serving
from tests.shared.features.test_levels import EVERYTHING
from tests.sql import Database

SCHEDULED = ["expire_drops", "reset_streaks", "prune_events"]

Json = dict[str, Any]


class Runtime:
    """What Lambda's runtime does with the hooks."""

    def __init__(self) -> None:
        self.before: list[Callable[[], object]] = []
        self.after: list[Callable[[], object]] = []

    def snapshot(self) -> None:
        """Run the hooks before a snapshot, last registered first."""
        for hook in reversed(self.before):
            hook()

    def restore(self) -> None:
        """Run the hooks after a restore, first registered first."""
        for hook in self.after:
            hook()


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Lambda's runtime, as far as hooks go."""
    runtime, module = Runtime(), types.ModuleType("snapshot_restore_py")
    module.register_before_snapshot = runtime.before.append  # type: ignore[attr-defined]
    module.register_after_restore = runtime.after.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", module)
    return runtime


def start(name: str) -> Any:
    """Import a function as a cold start does."""
    return importlib.reload(importlib.import_module(f"functions.{name}"))


@pytest.fixture
def secrets(surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch, keys: Keys) -> Iterator[dict[str, str]]:
    """What is secret, in a store instead of the environment; a test may change it."""
    stored = {"SUPABASE_SECRET_KEY": keys.service_key, "DISCORD_BOT_TOKEN": keys.bot_token}
    for name in stored:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:resonance-abcdef")
    monkeypatch.setattr(secret, "_fetch", lambda _arn: json.dumps(stored))
    surroundings.renew()
    yield stored
    secret.read.cache_clear()


def test_elsewhere_than_on_lambda_nothing_is_registered() -> None:
    assert "snapshot_restore_py" not in sys.modules
    snapstart.register(warm=[pytest.fail], renew=[pytest.fail])


def test_what_is_restored_renews_what_it_uses(functions: Any, runtime: Runtime) -> None:
    start("interactions")
    forgets, *renews = runtime.after
    assert forgets == secret.read.cache_clear  # before anything reads it
    assert renews == [database.renew, rest.renew]


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_function_without_a_snapshot_registers_nothing(functions: Any, runtime: Runtime, name: str) -> None:
    start(name)
    assert runtime.before == runtime.after == []


def test_a_snapshot_is_warm(functions: Any, runtime: Runtime, surroundings: Surroundings) -> None:
    start("interactions")
    runtime.snapshot()
    handlers = [*REGISTRY.commands.values(), *REGISTRY.buttons.values(), *REGISTRY.forms.values()]
    assert all("model" in vars(handler) for handler in handlers)
    assert database.client.cache_info().currsize == rest.client.cache_info().currsize == 1


def test_the_click_before_a_snapshot_changes_nothing(
    functions: Any, runtime: Runtime, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    before = db.one(EVERYTHING)
    start("interactions")
    with caplog.at_level("INFO"):
        runtime.snapshot()
    assert db.one(EVERYTHING) == before
    assert caplog.records == []


def test_what_is_restored_has_the_secret_of_today(
    server: Client, runtime: Runtime, secrets: dict[str, str], rest_proxy: Proxy, keys: Keys
) -> None:
    secrets |= {"SUPABASE_SECRET_KEY": "sb_secret_of_yesterday", "DISCORD_BOT_TOKEN": "of-yesterday"}
    start("interactions")
    runtime.snapshot()
    secrets |= {"SUPABASE_SECRET_KEY": keys.service_key, "DISCORD_BOT_TOKEN": keys.bot_token}
    runtime.restore()
    rest_proxy.requests.clear()
    assert "Checked in" in server.slash("daily", user=BOB).text
    assert len(rest_proxy.requests) == 1  # no refusal was needed to learn of it
    assert rest._auth_headers() == {"Authorization": f"Bot {keys.bot_token}"}


def test_what_is_restored_has_no_connection_and_no_limit_of_before(
    functions: Any, runtime: Runtime, surroundings: Surroundings
) -> None:
    start("interactions")
    session, client = database.client().session, rest.client()
    rate_limits.note(["any"], {}, DiscordError(429, retry_after=1000))
    assert rate_limits.opens_at(["any"]) > 0
    runtime.restore()
    assert session.is_closed
    assert client.is_closed
    assert not database.client().session.is_closed
    assert not rest.client().is_closed
    assert rate_limits.opens_at(["any"]) == 0


def test_the_first_interaction_after_a_restore_is_cold(
    server: Client, runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    start("interactions")
    runtime.snapshot()
    runtime.restore()
    with caplog.at_level("INFO"):
        server.slash("daily", user=BOB)
        server.slash("daily", user=BOB)
    assert [record.__dict__["cold"] for record in caplog.records if record.message == "interaction"] == [True, False]


def test_a_restore_with_a_key_that_is_refused_fails_with_a_sentence(
    functions: Any, runtime: Runtime, secrets: dict[str, str], keys: Keys
) -> None:
    start("interactions")
    secrets["SUPABASE_SECRET_KEY"] = keys.anon_key
    with pytest.raises(Exception, match="this is the anon key"):
        runtime.restore()


# --- A process of its own

FAKE_RUNTIME = """
before, after = [], []
register_before_snapshot, register_after_restore = before.append, after.append
"""
SNAPSHOT = """
import importlib, os, sys, psutil, snapshot_restore_py
importlib.import_module(sys.argv[1])
for hook in reversed(snapshot_restore_py.before):
    hook()
print(len(psutil.Process().net_connections(kind="all")), "boto3" in sys.modules)
"""


def kept(settings: Json) -> Any:
    """Secrets Manager's answer."""
    body = json.dumps({"SecretString": json.dumps(settings)}).encode()
    return lambda _request, _forward: (200, {"content-type": "application/x-amz-json-1.1"}, body)


@pytest.mark.parametrize("name", ["interactions", *SCHEDULED])
def test_no_connection_is_in_a_snapshot(tmp_path: Path, keys: Keys, name: str) -> None:
    (tmp_path / "snapshot_restore_py.py").write_text(FAKE_RUNTIME)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(tmp_path),
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SUPABASE_URL": nobody(),
        "DISCORD_APPLICATION_ID": keys.application_id,
        "DISCORD_PUBLIC_KEY": keys.public_key,
        "SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:resonance-abcdef",
    }
    with serving(nobody()) as proxy:
        proxy.next(kept({"SUPABASE_SECRET_KEY": keys.service_key, "DISCORD_BOT_TOKEN": keys.bot_token}))
        done = subprocess.run(
            [sys.executable, "-c", SNAPSHOT, f"functions.{name}"],
            cwd=ROOT,
            env=environment | {"AWS_ENDPOINT_URL_SECRETS_MANAGER": proxy.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert len(proxy.requests) == 1
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "True"]
