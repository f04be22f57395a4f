"""python -m infra.deploy.brands: an operator adds brands and gives out keys."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from infra.deploy import brands
from infra.deploy.database import URL_VARIABLE, reload_functions
from infra.local.environment import ROOT
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, KEY_HASH, Database

Run = Callable[..., tuple[int, str, str]]
KEY = re.compile(r"^    ([A-Za-z0-9_-]{43})$", re.MULTILINE)
PROGRAM = "ab" * 32


@pytest.fixture
def run(db: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on the database: its exit code, its output, its errors."""
    monkeypatch.setenv(URL_VARIABLE, db.url)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = brands.main([*arguments])
        return code, *capsys.readouterr()

    return run_it


def the_key(output: str) -> str:
    """The one key in what was printed."""
    (key,) = KEY.findall(output)
    return str(key)


def outcome(db: Database, key: str) -> str:
    """What a server that connects by a key hears."""
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    return str(db.call("connect_server", ADMIN.again(), brand_id="brand", key_hash=key_hash)["outcome"])


def test_a_brand_is_added_and_its_key_shown_once(run: Run, db: Database) -> None:
    code, output, errors = run("add", "brand", "--name", "The Brand")
    assert (code, errors) == (0, "")
    assert "shown only this once" in output
    key = the_key(output)
    assert outcome(db, key) == "connected"
    for again in (("add", "brand"), ("list",), ("disable", "brand"), ("enable", "brand")):
        _, output, errors = run(*again)
        assert key not in output + errors
        assert not KEY.findall(output)
    assert run("list")[1] == "brand (The Brand): on; connected servers: 1; has a connect key\n"


def test_adding_it_again_is_an_error_that_says_what_to_do(run: Run, db: Database) -> None:
    db.add_brand()
    code, output, errors = run("add", "brand")
    assert (code, output) == (1, "")
    assert errors == "There is a brand brand already. `rotate` gives it a new connect key.\n"
    assert db.value("select key from brand_keys") == KEY_HASH


def test_a_rotation_shows_the_new_key_and_ends_the_old_one(run: Run, db: Database) -> None:
    old = the_key(run("add", "brand")[1])
    new = the_key(run("rotate", "brand")[1])
    assert (outcome(db, old), outcome(db, new)) == ("brand_key_refused", "connected")


def test_a_brand_is_switched_off_and_on(run: Run, db: Database) -> None:
    db.add_brand()
    assert "OFF, nothing is paid" in run("disable", "brand")[1]
    assert db.value("select is_active from brands") is False
    assert "brand: on" in run("enable", "brand")[1]
    assert db.value("select is_active from brands") is True


def test_programs_come_and_go(run: Run, db: Database) -> None:
    db.add_brand()
    assert f"\n    program key {PROGRAM}\n" in run("program-key", "add", "brand", PROGRAM.upper())[1]
    assert "program key" not in run("program-key", "remove", "brand", PROGRAM)[1]
    for action, key, said in (("remove", PROGRAM, "no such program key"), ("add", "x", "64 hexadecimal digits")):
        code, output, errors = run("program-key", action, "brand", key)
        assert (code, output) == (1, "")
        assert said in errors


def test_what_is_not_there_is_said(run: Run) -> None:
    assert run("list") == (0, "There is no brand yet: no server can connect. `add` makes one.\n", "")
    for arguments in (("rotate", "x"), ("disable", "x"), ("enable", "x"), ("program-key", "add", "x", PROGRAM)):
        code, output, errors = run(*arguments)
        assert (code, output) == (1, "")
        assert errors == "There is no brand x. `list` shows all, `add` makes one.\n"
    assert "1 to 100 characters" in run("add", " ")[2]


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_database_that_knows_no_brands(run: Run, make_database: MakeDatabase, is_loaded: bool) -> None:
    made = make_database([path for path in MIGRATIONS if path.name < "018"])
    if is_loaded:
        reload_functions(made.url)
    for arguments in (("add", "brand"), ("list",), ("rotate", "brand")):
        code, output, errors = run(*arguments, "--database-url", made.url)
        assert (code, output) == (1, "")
        assert "infra.deploy.database deploy" in errors


def test_a_database_that_does_not_answer_and_no_password_is_shown(run: Run) -> None:
    code, output, errors = run("list", "--database-url", "postgresql://postgres:s3cret-word@127.0.0.1:1/postgres")
    assert (code, output) == (1, "")
    assert errors.startswith("Nothing was done. ")
    assert "s3cret-word" not in errors


def test_help_needs_no_database_and_names_every_command() -> None:
    environment = {name: value for name, value in os.environ.items() if name != URL_VARIABLE}
    command = [sys.executable, "-m", "infra.deploy.brands"]
    shown = subprocess.run([*command, "--help"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    for word in ("add", "rotate", "disable", "enable", "list", "program-key", URL_VARIABLE):
        assert word in shown.stdout
    without = subprocess.run([*command, "list"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert without.returncode == 2
    assert "--database-url" in without.stderr
