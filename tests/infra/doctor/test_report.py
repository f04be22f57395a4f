"""The doctor as an operator meets it: lines, JSON, exit codes, and never a secret whatever goes wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from infra.deploy.database import URL_VARIABLE
from infra.doctor import __main__ as doctor
from infra.doctor import aws
from infra.doctor import discord as discord_area
from infra.doctor.check import Check, Finding, failed, ok, warning
from infra.fake_discord.fake import FakeDiscord
from infra.local.environment import ROOT
from tests.conftest import Surroundings
from tests.infra.doctor.conftest import report
from tests.proxy import Answer, Proxy, Request, broken, nobody
from tests.sql import Database

TOKEN, KEY, PASSWORD = "marked-bot-token", "sb_secret_marked-key", "marked/pass word"
MARKED = {TOKEN, KEY, PASSWORD, "marked", "pass word"}


def standing_in(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    """Replace all checks by ones with these findings."""
    made = [Check("Area", f"check {n}", lambda f=f: f) for n, f in enumerate(findings)]  # type: ignore[misc]
    monkeypatch.setattr(discord_area, "checks", lambda *_: made)


def run_as_module(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The doctor as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "infra.doctor", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_database_may_be_named_in_the_environment(db: Database) -> None:
    given = {name: value for name, value in os.environ.items() if name != URL_VARIABLE}
    for named, expected in (({}, False), ({URL_VARIABLE: db.url}, True)):
        told = run_as_module(given | named, "--only", "supabase", "--json").stdout
        said = {finding["name"]: finding["said"] for finding in json.loads(told)["checks"]}
        assert ("seen by the owner" not in said["grants"]) is expected


# --- What is told


def test_a_line_a_check_and_what_to_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    standing_in(monkeypatch, ok("Fine."), warning("Hm.", "Look."), failed("Broken.", "Mend it."))
    assert doctor.main(["--only", "discord"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "✅ Area: check 0               Fine.",
        "⚠️  Area: check 1               Hm.",
        "                               → Look.",
        "❌ Area: check 2               Broken.",
        "                               → Mend it.",
        "",
        "1 fine, 1 to look at, 1 failed.",
    ]


def test_json_is_for_programs_and_the_lines_go_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standing_in(monkeypatch, ok("Fine."), failed("Broken.", "Mend it."))
    code, found, told = report(capsys, "--only", "discord")
    assert (code, found["healthy"]) == (1, False)
    assert found["checks"][1] == {
        "area": "Area",
        "name": "check 1",
        "status": "failed",
        "said": "Broken.",
        "do": "Mend it.",
    }
    assert "❌ Area: check 1" in told


def test_a_warning_alone_is_healthy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    standing_in(monkeypatch, warning("Hm.", "Look."))
    code, found, _ = report(capsys, "--only", "discord")
    assert (code, found["healthy"]) == (0, True)


def test_on_a_terminal_it_says_what_it_is_looking_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standing_in(monkeypatch, ok("Fine."))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    doctor.main(["--only", "discord"])
    assert "… Area: check 0" in capsys.readouterr().out


def test_a_check_that_breaks_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaking() -> Finding:
        raise RuntimeError(TOKEN)

    made = [Check("Area", "one", breaking), Check("Area", "two", lambda: ok("Fine."))]
    monkeypatch.setattr(discord_area, "checks", lambda *_: made)
    code, found, told = report(capsys, "--only", "discord")
    assert code == 1
    assert [check["status"] for check in found["checks"]] == ["failed", "ok"]
    assert TOKEN not in told


def test_all_areas_are_looked_at_and_one_alone_if_it_is_named(
    functions: Any, reachable: FakeDiscord, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    _, found, _ = report(capsys)
    assert {check["area"] for check in found["checks"]} == {"Discord", "Supabase", "AWS", "Events"}
    _, found, _ = report(capsys, "--only", "supabase", "--only", "aws")
    assert {check["area"] for check in found["checks"]} == {"Supabase", "AWS"}


def test_it_runs_as_a_module_without_any_settings() -> None:
    done = run_as_module({"PATH": os.environ["PATH"]}, "--only", "discord")
    assert done.returncode == 1
    assert "DISCORD_APPLICATION_ID (missing)" in done.stdout
    assert done.stderr == ""


# --- What is not told


def echoed(status: int) -> Any:
    """A server that sends back everything it got."""

    def trouble(request: Request, _forward: Any) -> Answer:
        text = f"{request.headers} {request.body!r}".replace('"', "'")
        body = f'{{"code": 1, "message": "{text}", "details": "{text}", "hint": "{text}", "id": "{text}"}}'
        return status, {"content-type": "application/json"}, body.encode()

    return trouble


@pytest.fixture
def marked(surroundings: Surroundings, discord_proxy: Proxy, rest_proxy: Proxy) -> tuple[Proxy, Proxy]:
    """Secrets that would be seen; Discord and PostgREST behind proxies."""
    surroundings.set(DISCORD_BOT_TOKEN=TOKEN, SUPABASE_SECRET_KEY=KEY, DISCORD_API_URL=discord_proxy.url)
    return discord_proxy, rest_proxy


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500, 540])
def test_no_answer_makes_it_tell_a_secret(
    marked: tuple[Proxy, Proxy], capsys: pytest.CaptureFixture[str], status: int
) -> None:
    for proxy in marked:
        proxy.next(*[echoed(status)] * 40)
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:1/postgres"
    for arguments in ([], ["--database-url", url, "--guild", "77"]):
        _, _, told = report(capsys, *arguments)
        doctor.main(arguments)
        told += "".join(capsys.readouterr())
        assert [secret for secret in MARKED if secret in told] == []


@pytest.mark.parametrize("trouble", [broken(200), broken(500), broken(429, retry_after="3600")])
def test_no_broken_answer_makes_it_tell_a_secret(
    marked: tuple[Proxy, Proxy], capsys: pytest.CaptureFixture[str], trouble: Any
) -> None:
    for proxy in marked:
        proxy.next(*[trouble] * 40)
    _, _, told = report(capsys)
    assert [secret for secret in MARKED if secret in told] == []


@pytest.mark.parametrize(
    "variables",
    [
        {"DISCORD_BOT_TOKEN": "marked\ntoken", "SUPABASE_SECRET_KEY": "marked\nkey"},
        {"DISCORD_BOT_TOKEN": "marked€", "SUPABASE_SECRET_KEY": "marked€"},
        {"SUPABASE_SECRET_KEY": "marked.marked.marked"},
    ],
)
def test_no_odd_secret_is_told(functions: Any, variables: dict[str, str]) -> None:
    environment = os.environ | {"DISCORD_API_URL": nobody()} | variables
    done = run_as_module(environment, "--only", "discord", "--only", "supabase", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["healthy"] is False
    assert "marked" not in done.stdout + done.stderr


def test_a_secret_of_aws_is_not_told_by_a_later_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = aws.Stack("resonance", None, {"marked-in-aws"})
    monkeypatch.setattr(aws, "open_stack", lambda *_: stack)
    monkeypatch.setattr(
        aws, "checks", lambda open_, _: [Check("AWS", "x", lambda: failed(f"{open_().secrets}", "marked-in-aws"))]
    )
    _, _, told = report(capsys, "--only", "aws", "--stack", "resonance")
    assert "marked" not in told
