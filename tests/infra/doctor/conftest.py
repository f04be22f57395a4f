"""What the tests of the doctor share: a way to run one check, and a deployment's secrets."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.doctor import __main__ as doctor
from infra.doctor import database
from infra.doctor.check import Check, Finding, Status
from infra.doctor.surface import surface
from infra.fake_discord.fake import FakeDiscord
from infra.local.supabase import LocalSupabase
from shared.discord import rate_limits
from tests.sql import Database

Json = dict[str, Any]


def finding(checks: list[Check], name: str) -> Finding:
    """What one of the checks finds."""
    (check,) = [check for check in checks if check.name == name]
    return check.run()


def assert_failed(found: Finding, said: str, do: str = "") -> None:
    """A check failed, said why, and said what to do."""
    assert found.status is Status.FAILED, found
    assert said in found.said, found
    assert do in found.do, found
    assert found.do


@pytest.fixture
def reachable(local_discord: FakeDiscord, functions: Any, monkeypatch: pytest.MonkeyPatch) -> FakeDiscord:
    """The local Discord, without the limits that another test met and without a URL of interactions."""
    rate_limits.reset()
    monkeypatch.setattr(local_discord.endpoint, "url", None)
    return local_discord


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Json, str]:
    """The exit code, the JSON report and everything that was printed."""
    code = doctor.main([*arguments, "--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out), told.out + told.err


@pytest.fixture
def url(supabase: LocalSupabase, db: Database) -> str:
    """The owner's connection string of the whole project."""
    return supabase.postgres.url()


@pytest.fixture
def snapshot(connection: psycopg.Connection[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The surface as this checkout makes it, in the place of the committed one."""
    path = tmp_path / "surface.txt"
    path.write_text(surface(connection))
    monkeypatch.setattr(database, "SURFACE", path)
    return path
