"""python -m infra.reconcile: what it prints, and its exit codes."""

import sys

import pytest

from infra.reconcile import __main__ as reconcile
from infra.reconcile.__main__ import DIFFERENT
from infra.reconcile.differences import SHOWN
from tests.infra.reconcile.conftest import BROKEN, UNREPAIRED, break_, count_differences
from tests.sql import Database


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["reconcile", *arguments])
    return reconcile.main()


def test_what_is_told(paid: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, paid.url) == 0
    assert "The books agree." in capsys.readouterr().out
    break_(paid, BROKEN["a total"][1] + " and server_id = '77'")
    assert run(monkeypatch, paid.url, "--server", "77") == DIFFERENT
    told = capsys.readouterr().out
    assert "stats on server 77:\n  1001: found 25.00 (20), expected 20.00 (20)\n" in told
    assert "add --repair" in told
    assert run(monkeypatch, paid.url, "--repair") == 0
    told = capsys.readouterr().out
    assert "Repaired on server 77: 1 of stats." in told
    assert told.rstrip().endswith("The books agree.")


def test_what_cannot_be_repaired_keeps_the_exit_code(
    paid: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_(
        paid, UNREPAIRED["no claim"][1] + " and drop_id in (select drop_id from discord_drops where server_id = '77')"
    )
    assert run(monkeypatch, paid.url, "--repair") == DIFFERENT
    told = capsys.readouterr().out
    assert "claims on server 77:" in told
    assert "found no claim, expected 10.00" in told


def test_the_limits_are_told_but_prove_nothing(paid: Database, capsys: pytest.CaptureFixture[str]) -> None:
    paid.add_reward(5, source="activity")  # another program, which counts nothing
    assert count_differences(paid) == {"limits": 2}
    assert reconcile.reconcile(paid.url, None, repairs=True) == 0
    told = capsys.readouterr().out
    assert "⚠️  limits" in told
    assert "all members, quest: found 4, expected 5" in told


def test_many_differences_are_counted(seeded: Database, capsys: pytest.CaptureFixture[str]) -> None:
    seeded.run(
        "insert into discord_user_stats (server_id, discord_user_id, rsnc_total) select '77', n, 5"
        " from generate_series(1, 30) as n"
    )
    assert reconcile.reconcile(seeded.url, None, repairs=False) == DIFFERENT
    told = capsys.readouterr().out
    assert told.count("found 5 (0), expected 0 (0)") == SHOWN
    assert f"and {30 - SHOWN} more" in told


def test_a_database_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "postgresql://postgres:marked/secret@127.0.0.1:1/postgres") == 1
    told = capsys.readouterr()
    assert "The books were not compared." in told.err
    assert "marked" not in told.out + told.err
    assert "secret" not in told.out + told.err
