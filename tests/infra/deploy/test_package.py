"""What is deployed: the package that SAM builds, opened; and the same for this machine, started."""

import filecmp
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import package as artifact
from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from infra.local.delivery import lambda_sender
from tests import sam
from tests.sql import Database

Json = dict[str, Any]
Handler = Callable[[Json, Any], Json]

ROOT = artifact.ROOT
FUNCTIONS = ("InteractionsFunction", "ExpireDropsFunction", "CollectReactionsFunction", "ResetStreaksFunction")
OURS = {"functions", "shared"}
AARCH64 = 183  # e_machine in the header of an ELF file
MAGIC_3_13 = (3571).to_bytes(2, "little") + b"\r\n"  # at the head of all bytecode for 3.13
UNCHECKED = b"\x01\x00\x00\x00"  # what follows is a hash, which no import compares
# Lambda's own limits are 262 MB and, zipped, 50 MB where no bucket is between: there should be room under them.
MOST_UNPACKED, MOST_ZIPPED = 60 * artifact.MB, 20 * artifact.MB
# A package is for every machine, or for this one: compiled for 3.13, or for the stable ABI of a Python before it.
WHEEL = re.compile(r"(py2\.)?py[23]-none-any|cp313-cp313-manylinux\w+_aarch64|cp3\d+-abi3-manylinux\w+_aarch64")
LIBRARY = re.compile(r".*\.(cpython-313-aarch64-linux-gnu|abi3)\.so")

# Answers one event a line; the handler is all that it has of ours.
ENTRY = """
import json, sys
from functions.interactions import handler
for line in sys.stdin:
    print(json.dumps(handler(json.loads(line), None)), flush=True)
"""


@pytest.mark.timeout(900)  # it installs AWS's tools and builds all functions, twice
def test_the_template_is_sound_and_the_artifact_is_for_lambda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = sam.check_template()
    if check.returncode == sam.MISSING:
        pytest.skip(f"template.yaml is not linted and not built: {check.stdout.strip().splitlines()[-1]}")
    if "python3.13 with pip is needed" in check.stdout:
        pytest.skip("there is no artifact to look at, because python3.13 is needed to build it")
    assert check.returncode == 0, check.stdout
    packages = [ROOT / ".aws-sam" / "check" / name for name in FUNCTIONS]
    assert_holds_what_runs_and_nothing_else(packages[0])
    assert_is_for_arm_and_3_13(packages[0])
    assert_is_compiled(packages[0], "cpython-313", MAGIC_3_13)
    assert_has_room(packages[0])
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    again = artifact.build(tmp_path)  # were it different, every `sam deploy` would upload and replace everything
    assert differences(packages[0], again) == []
    assert differences(packages[0], packages[1]) == differences(packages[0], packages[2]) == []


def assert_holds_what_runs_and_nothing_else(package: Path) -> None:
    for name in OURS:
        assert files(package, name) == files(ROOT, name)
    named = {re.sub(r"[-_.]+", "-", path.name.split("-")[0]).lower() for path in package.glob("*.dist-info")}
    assert named == {re.sub(r"[-_.]+", "-", name).lower() for name in requirements()}
    assert not {"infra", "bin", "pip", "boto3", "template.yaml", ".venv", ".local"} & {
        p.name for p in package.iterdir()
    }
    assert not any({"infra", "playground", "node_modules", "tests"} & set(path.parts) for path in files(package, "."))


def requirements() -> set[str]:
    """The packages that are pinned for run time."""
    return set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))


def files(root: Path, name: str) -> set[Path]:
    """What there is in a folder, but for bytecode."""
    found = {path.relative_to(root) for path in (root / name).rglob("*") if path.is_file()}
    return {path for path in found if "__pycache__" not in path.parts}


def assert_is_for_arm_and_3_13(package: Path) -> None:
    libraries = list(package.rglob("*.so"))
    assert any(library.name.startswith("_pydantic_core.") for library in libraries)
    assert {machine(library) for library in libraries} == {AARCH64}
    assert [library.name for library in libraries if not LIBRARY.fullmatch(library.name)] == []
    tags = re.findall(r"^Tag: (.+)$", "\n".join(path.read_text() for path in package.glob("*/WHEEL")), re.MULTILINE)
    assert [tag for tag in tags if not WHEEL.fullmatch(tag)] == []


def machine(library: Path) -> int:
    """What a library is compiled for."""
    return int.from_bytes(library.read_bytes()[18:20], "little")


def assert_is_compiled(package: Path, tag: str, magic: bytes) -> None:
    """Every module has unchecked bytecode, compiled from its source for /var/task."""
    compiled = set(package.rglob("*.pyc"))
    sources = set(package.rglob("*.py"))
    assert compiled == {path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc" for path in sources}
    for source in sources:
        bytecode = (source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc").read_bytes()
        assert bytecode[:16] == magic + UNCHECKED + importlib.util.source_hash(source.read_bytes()), source
        assert f"/var/task/{source.relative_to(package)}".encode() in bytecode
        assert str(ROOT).encode() not in bytecode


def assert_has_room(package: Path) -> None:
    size = artifact.size(package)
    print(f"the package of a function: {size}")
    assert size.unpacked < MOST_UNPACKED, size
    assert size.zipped < MOST_ZIPPED, size


def differences(one: Path, other: Path) -> list[str]:
    """The files that `sam deploy` would tell apart."""
    names = {path.relative_to(package) for package in (one, other) for path in package.rglob("*") if path.is_file()}
    _, changed, missing = filecmp.cmpfiles(one, other, map(str, names), shallow=False)
    return [*changed, *missing]


@contextmanager
def started(package: Path) -> Iterator[Handler]:
    """Start a package's handler with only the package and Lambda's variables."""
    variables = {name: value for name, value in os.environ.items() if name.startswith(("SUPABASE_", "DISCORD_"))}
    with subprocess.Popen(
        artifact.command(package, ENTRY), env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin
        assert stdout

        def handler(event: Json, _: object) -> Json:
            print(json.dumps(event), file=stdin, flush=True)
            answer: Json = json.loads(stdout.readline())
            return answer

        yield handler
        stdin.close()


@pytest.mark.timeout(300)  # it installs the packages of the functions
def test_the_artifact_alone_answers_a_ping_and_a_click(
    server: Client, db: Database, local_discord: FakeDiscord, tmp_path: Path
) -> None:
    package = artifact.build_here(tmp_path)
    assert_is_compiled(package, str(sys.implementation.cache_tag), importlib.util.MAGIC_NUMBER)
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    with started(package) as handler:
        client = replace(server, send=lambda_sender(handler, lambda: None))
        assert client.ping().json == {"type": 1}
        assert "You got **5 RSNC**!" in client.click(message, "Claim", user=BOB).text
    assert db.one("select discord_user_id from discord_drop_claims") == {"discord_user_id": BOB.id}
