"""What a cold start imports, and who may know whom."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "SUPABASE_URL": "https://example.supabase.co",
    "SUPABASE_SECRET_KEY": "sb_secret_x",
    "DISCORD_APPLICATION_ID": "1",
    "DISCORD_PUBLIC_KEY": "8d6b2eb3b3b3f1a8a3d8d8f5d2c2b6a4f3e1d0c9b8a7968574635241302f1e0d",
    "DISCORD_BOT_TOKEN": "t",
}
# What costs time at every cold start and is not needed: the other parts of supabase, AWS's client, the local stack.
HEAVY = {"supabase", "realtime", "storage3", "supabase_auth", "gotrue", "supabase_functions", "websockets"}
HEAVY |= {"boto3", "botocore", "starlette", "uvicorn", "psycopg", "pytest", "yaml", "jwt", "moto", "jsonschema_rs"}
# Who may know AWS, where it is asked for: HEAVY above says that a cold start without a secret does not import it.
ALLOWED = {"secret": {"boto3", "botocore"}, "snapstart": {"snapshot_restore_py"}}
HANDLERS = ["functions.interactions", "functions.expire_drops", "functions.reset_streaks"]


def imported_by(module: str) -> set[str]:
    """Everything that a fresh process has imported after it imported a module."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", HANDLERS)
def test_a_cold_start_imports_nothing_heavy(module: str) -> None:
    imported = imported_by(module)
    assert module in imported
    assert {name.partition(".")[0] for name in imported} & (HEAVY | {"infra", "tests"}) == set()


def test_a_click_does_not_import_the_schedules() -> None:
    assert imported_by("functions.interactions") & {"functions.expire_drops", "functions.reset_streaks"} == set()


def test_the_streaks_need_neither_commands_nor_discord() -> None:
    imported = imported_by("functions.reset_streaks")
    assert "shared.database" in imported
    assert {name for name in imported if name.startswith(("shared.features", "shared.discord"))} == set()


def test_a_schedule_declares_no_command() -> None:
    code = "import functions.expire_drops; from shared.interactions import registry; print(*registry.REGISTRY.commands)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", HANDLERS)
def test_a_missing_environment_is_named_at_the_cold_start(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        cwd=ROOT,
        env={"PATH": ENVIRONMENT["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "SettingsError: Wrong or missing in the environment: " in done.stderr
    assert ("DISCORD_PUBLIC_KEY" if module == "functions.interactions" else "SUPABASE_SECRET_KEY") in done.stderr


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", sorted(ROOT.joinpath("shared").rglob("*.py")), ids=lambda path: path.stem)
def test_what_is_shared_knows_neither_the_tools_nor_aws(path: Path) -> None:
    aws = {"boto3", "botocore", "awslambdaric", "snapshot_restore_py"} - ALLOWED.get(path.stem, set())
    assert imports(path) & ({"infra", "tests", "functions"} | aws) == set()


@pytest.mark.parametrize("path", sorted(ROOT.joinpath("functions").glob("*.py")), ids=lambda path: path.stem)
def test_the_functions_know_neither_the_tools_nor_the_tests(path: Path) -> None:
    assert imports(path) & {"infra", "tests"} == set()


# From the top to the bottom: a module imports modules of its own layer and of those below.
LAYERS = [
    ["functions"],
    ["shared.features"],
    ["shared.interactions"],
    ["shared.discord"],
    ["shared.format", "shared.database", "shared.connection", "shared.settings", "shared.secret", "shared.snapstart"],
    ["shared.log"],
]


def layer(module: str) -> int:
    """The place of a module among the layers."""
    packages = ((place, package) for place, layer in enumerate(LAYERS) for package in layer)
    return next(place for place, package in packages if f"{module}.".startswith(f"{package}."))


def imported_modules(path: Path) -> set[str]:
    """The modules of ours that a file imports, anywhere in it; a name that is imported counts as one."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [f"{n.module}.{alias.name}" for n in nodes if isinstance(n, ast.ImportFrom) for alias in n.names]
    return {name for name in names if name.startswith(("functions.", "shared."))}


def modules(*packages: str) -> dict[str, Path]:
    """The files below some folders, by the names of their modules."""
    paths = [path for package in packages for path in ROOT.joinpath(package).rglob("*.py")]
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}
    return {name: path for name, path in named.items() if name not in packages}


def test_every_module_has_a_layer() -> None:
    assert {layer(module) for module in modules("functions", "shared")} == set(range(len(LAYERS)))


@pytest.mark.parametrize(("module", "path"), modules("functions", "shared").items())
def test_no_import_goes_up(module: str, path: Path) -> None:
    assert [name for name in imported_modules(path) if layer(name) < layer(module)] == []


@pytest.mark.parametrize("path", sorted(ROOT.joinpath("shared", "discord").rglob("*.py")), ids=lambda path: path.stem)
def test_what_speaks_to_discord_has_no_word_of_rsnc(path: Path) -> None:
    assert "RSNC" not in path.read_text()


def test_nothing_else_speaks_to_the_database() -> None:
    speaking = [path for path in ROOT.joinpath("shared").rglob("*.py") if imports(path) & {"postgrest", "supabase"}]
    speaking += [path for path in ROOT.joinpath("functions").rglob("*.py") if imports(path) & {"postgrest", "supabase"}]
    assert [path.relative_to(ROOT).as_posix() for path in speaking] == ["shared/database.py"]
