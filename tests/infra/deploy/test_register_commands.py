"""infra.deploy.register_commands: what would change is shown, and nothing changes that nobody agreed to."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from infra.deploy import register_commands
from infra.deploy.register_commands import WOULD_CHANGE
from infra.fake_discord.fake import FakeDiscord
from shared.discord import rate_limits, rest
from shared.interactions.registration import registration
from tests.conftest import Surroundings
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.proxy import Proxy, broken
from tests.sql import Database

DAILY = {"name": "daily", "description": "Check in", "type": 1}
GUILD = "770000000000000001"


@pytest.fixture
def own(functions: Any, local_discord: FakeDiscord) -> Iterator[FakeDiscord]:
    """The local Discord without commands, before and after."""
    rest.put_commands([])
    yield local_discord
    rest.put_commands([])


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, answer: str | None = None) -> int:
    """Run the command; with `answer` there is a terminal that gives it."""
    monkeypatch.setattr(sys, "argv", ["register_commands", *arguments])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: answer is not None, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: print(prompt) or answer)
    return register_commands.main()


def puts(local: FakeDiscord) -> int:
    return sum(request.method == "PUT" for request in local.requests)


def test_the_commands_are_registered_and_then_nothing_changes(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--yes") == 0
    assert f"{len(registration())} commands are registered for every server." in capsys.readouterr().out
    assert {command["name"] for command in own.commands()} == {command["name"] for command in registration()}
    assert 3 in {command["type"] for command in own.commands()}

    before = puts(own)
    for arguments in ((), ("--yes",), ("--dry-run",)):
        assert run(monkeypatch, *arguments) == 0
        assert "Nothing changes" in capsys.readouterr().out
    assert puts(own) == before


@pytest.mark.parametrize(("answer", "code"), [("y", 0), (" YES ", 0), ("n", 1), ("", 1), ("yeah", 1)])
def test_it_asks_on_a_terminal(
    own: FakeDiscord,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    code: int,
) -> None:
    assert run(monkeypatch, answer=answer) == code
    told = capsys.readouterr()
    assert "Register these? [y/N]" in told.out
    assert bool(own.commands()) == (code == 0)
    assert ("Everything stays as it was." in told.err) == (code == 1)


@pytest.mark.parametrize("interruption", [EOFError, KeyboardInterrupt])
def test_no_answer_is_no(own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)

    def interrupted(_: str) -> str:
        raise interruption

    monkeypatch.setattr("builtins.input", interrupted)
    monkeypatch.setattr(sys, "argv", ["register_commands"])
    assert register_commands.main() == 1
    assert own.commands() == []


def test_without_a_terminal_it_refuses(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 1
    told = capsys.readouterr()
    assert "+ /daily" in told.out
    assert "run it again with --yes" in told.err
    assert own.commands() == []


def test_a_dry_run_says_whether_anything_would_change(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rest.put_commands([{**DAILY, "name": "old"}])
    assert run(monkeypatch, "--dry-run", "--yes") == WOULD_CHANGE
    assert "- /old" in capsys.readouterr().out
    assert [command["name"] for command in own.commands()] == ["old"]


def test_one_server_has_them_apart_from_the_others(own: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "--guild", GUILD, "--yes") == 0
    assert len(own.commands(GUILD)) == len(registration())
    assert own.commands() == []
    assert run(monkeypatch, "--guild", GUILD, "--dry-run") == 0
    rest.put_commands([], GUILD)


def test_the_fields_of_global_commands_are_not_sent_to_one_server(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[list[dict[str, Any]]] = []
    put = rest.put_commands

    def noting(commands: list[dict[str, Any]], guild_id: str | None) -> list[dict[str, Any]]:
        sent.append(commands)
        return put(commands, guild_id)

    monkeypatch.setattr(rest, "put_commands", noting)
    assert run(monkeypatch, "--guild", GUILD, "--yes") == 0
    assert run(monkeypatch, "--yes") == 0
    in_server, everywhere = sent
    assert [{**command, "contexts": [0], "integration_types": [0]} for command in in_server] == everywhere
    assert not any({"contexts", "integration_types"} & command.keys() for command in in_server)
    put([], GUILD)


def test_a_trial_servers_commands_are_removed_and_the_global_ones_stay(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--yes") == run(monkeypatch, "--guild", GUILD, "--yes") == 0
    assert run(monkeypatch, "--guild", GUILD, "--remove", "--dry-run") == WOULD_CHANGE
    assert "- /daily" in capsys.readouterr().out
    assert run(monkeypatch, "--guild", GUILD, "--remove", answer="n") == 1
    told = capsys.readouterr()
    assert "Remove these? [y/N]" in told.out
    assert told.err.startswith("The commands were not removed. Everything stays as it was.")
    assert len(own.commands(GUILD)) == len(registration())

    assert run(monkeypatch, "--guild", GUILD, "--remove", answer="y") == 0
    assert (own.commands(GUILD), len(own.commands())) == ([], len(registration()))
    capsys.readouterr()
    assert run(monkeypatch, "--guild", GUILD, "--remove") == 0
    assert capsys.readouterr().out == "Nothing changes. This server has no commands of its own.\n"


# --- The ids, for /help


def kept(db: Database) -> list[tuple[str, str, str]]:
    """What the database knows of the commands."""
    return [tuple(row.values()) for row in db.rows("select server_id, name, command_id from registered_commands")]


def ids(local: FakeDiscord, server_id: str, guild_id: str | None = None) -> list[tuple[str, str, str]]:
    """The slash commands of the local Discord."""
    return [(server_id, each["name"], each["id"]) for each in local.commands(guild_id) if each["type"] == 1]


def test_the_ids_that_discord_gave_are_kept(own: FakeDiscord, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_DB_URL", db.url)
    assert run(monkeypatch, "--dry-run") == WOULD_CHANGE
    assert kept(db) == []
    assert run(monkeypatch, "--yes") == run(monkeypatch, "--guild", GUILD, "--yes") == 0
    assert sorted(kept(db)) == sorted(ids(own, "*") + ids(own, GUILD, GUILD))
    assert run(monkeypatch, "--guild", GUILD, "--remove", "--yes") == 0
    assert sorted(kept(db)) == sorted(ids(own, "*"))


def test_ids_that_are_missing_are_kept_although_nothing_changes(
    own: FakeDiscord, db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SUPABASE_DB_URL", raising=False)
    assert run(monkeypatch, "--yes") == 0
    assert "without a link, because SUPABASE_DB_URL is not set" in capsys.readouterr().out
    assert kept(db) == []
    monkeypatch.setenv("SUPABASE_DB_URL", db.url)
    assert run(monkeypatch, "--dry-run") == 0
    assert kept(db) == []
    assert run(monkeypatch) == 0
    assert "Nothing changes" in capsys.readouterr().out
    assert sorted(kept(db)) == sorted(ids(own, "*"))


def test_a_database_without_the_table_or_away_is_said(
    own: FakeDiscord,
    make_database: MakeDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "022"])
    monkeypatch.setenv("SUPABASE_DB_URL", old.url)
    assert run(monkeypatch, "--yes") == 0
    assert "lacks migration 022" in capsys.readouterr().out
    monkeypatch.setenv("SUPABASE_DB_URL", "postgresql://postgres:top-secret@127.0.0.1:1/postgres")
    assert run(monkeypatch, "--yes") == 1
    told = capsys.readouterr()
    assert "Their ids were not kept" in told.err
    assert "top-secret" not in told.err


def test_global_commands_are_not_removed(own: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "--yes") == 0
    with pytest.raises(SystemExit):
        run(monkeypatch, "--remove", "--yes")
    assert len(own.commands()) == len(registration())


# --- What Discord refuses


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is told when nothing could be registered."""
    assert run(monkeypatch, "--yes", *arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("The commands were not registered. ")
    return told


def test_a_wrong_token(
    own: FakeDiscord,
    surroundings: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    surroundings.set(DISCORD_BOT_TOKEN="marked-token")
    told = refused(monkeypatch, capsys)
    assert "Reset Token" in told
    assert "marked-token" not in told


def test_another_applications_token(
    own: FakeDiscord,
    surroundings: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    surroundings.set(DISCORD_APPLICATION_ID="1")
    assert "belong to the same application" in refused(monkeypatch, capsys)


def test_a_server_that_the_application_is_not_in(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own.forbid(GUILD, 50001)
    assert "invite it with the scope applications.commands" in refused(monkeypatch, capsys, "--guild", GUILD)
    own.allow(GUILD)


def test_the_creates_of_a_day_are_used_up(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own.fail(400, 30034, "Max number of daily application command creates has been reached (200)", method="PUT")
    assert "try again tomorrow" in refused(monkeypatch, capsys)


def test_a_short_rate_limit_is_waited_for_and_a_long_one_reported(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own.fail(429, retry_after=0.1, method="PUT")
    rate_limits.reset()
    own.fail(429, retry_after=3600, method="GET")
    assert "Try again in a few minutes" in refused(monkeypatch, capsys)
    rate_limits.reset()
    assert run(monkeypatch, "--yes") == 0


def test_a_broken_answer_is_reported(
    own: FakeDiscord,
    discord_proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    discord_proxy.next(broken(502))
    assert "Discord answered 502" in refused(monkeypatch, capsys)


def test_missing_settings_are_named(
    own: FakeDiscord, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rest.client().close()
    rest.client.cache_clear()
    with monkeypatch.context() as patch:
        patch.delenv("DISCORD_BOT_TOKEN")
        assert "DISCORD_BOT_TOKEN" in refused(monkeypatch, capsys)
