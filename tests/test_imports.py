"""What a cold start imports, and who may import whom."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from infra.deploy.database import SUPABASE_CLI
from tests import ROOT

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "SUPABASE_URL": "https://example.supabase.co",
    "SUPABASE_SECRET_KEY": "sb_secret_x",
    "DISCORD_APPLICATION_ID": "1",
    "DISCORD_PUBLIC_KEY": "8d6b2eb3b3b3f1a8a3d8d8f5d2c2b6a4f3e1d0c9b8a7968574635241302f1e0d",
    "DISCORD_BOT_TOKEN": "t",
}
# Packages that would slow every cold start and are not needed: other parts of supabase, AWS's client, the local stack.
HEAVY = {"supabase", "realtime", "storage3", "supabase_auth", "gotrue", "supabase_functions", "websockets"}
HEAVY |= {"boto3", "botocore", "starlette", "uvicorn", "psycopg", "pytest", "yaml", "jwt", "moto", "jsonschema_rs"}
# Parts of packages that nothing uses: the command line of httpx, HTTP/2, what runs coroutines.
HEAVY |= {"click", "pygments", "rich", "h2", "hpack", "hyperframe", "asyncio"}
# Modules that may import AWS packages, only inside a function; HEAVY keeps them out of cold starts.
ALLOWED = {"secret": {"boto3", "botocore"}, "snapstart": {"snapshot_restore_py"}}
HANDLERS = [
    "functions.interactions",
    "functions.expire_drops",
    "functions.collect_reactions",
    "functions.reset_streaks",
    "functions.prune_events",
    "functions.events",
]


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


def test_a_cold_start_imports_no_feature() -> None:
    imported = {name for name in imported_by("functions.interactions") if name.startswith("shared.features")}
    assert imported == {"shared.features"}


def test_a_click_does_not_import_the_transport_of_httpx() -> None:
    assert imported_by("functions.interactions") & {"httpcore", "h11", "anyio"} == set()


def test_a_click_does_not_import_the_schedules() -> None:
    assert imported_by("functions.interactions") & set(HANDLERS) == {"functions.interactions"}


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
    """The modules that a file imports, anywhere in it, and the names that it imports from them."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def is_in(module: str, packages: Iterable[str]) -> bool:
    """Is a module one of the packages, or inside one?"""
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def files(*packages: str) -> list[Path]:
    """The Python files of packages such as `infra.local`."""
    found = [path for package in packages for path in (ROOT / package.replace(".", "/")).rglob("*.py")]
    return sorted(path for path in found if "node_modules" not in path.parts)


def importers(*packages: str, of: Iterable[str]) -> set[str]:
    """The files of packages that import something of others."""
    return {path.relative_to(ROOT).as_posix() for path in files(*packages) if any(is_in(m, of) for m in imports(path))}


OURS = {"functions", "shared", "infra", "tests"}
DEVELOPMENT = {"infra.local", "infra.fake_discord", "infra.playground", "infra.bench", "tests"}
PRODUCTION = ["functions", "shared", "infra.deploy", "infra.doctor", "infra.reconcile"]


def modules_of(*requirements: str) -> set[str]:
    """The top-level modules of the packages that files of requirements name."""
    lines = [line for name in requirements for line in (ROOT / name).read_text().splitlines()]
    named = {canonicalize_name(found[0]) for line in lines if (found := re.match(r"[\w.-]+", line))}
    return {module for module, of in packages_distributions().items() if named & set(map(canonicalize_name, of))}


OPERATOR = modules_of("requirements.txt", "infra/deploy/requirements.txt")
NOT_INSTALLED = modules_of("infra/local/requirements.txt", "tests/requirements.txt") - OPERATOR
COMMANDS = ["infra.deploy.database", "infra.deploy.register_commands", "infra.doctor", "infra.reconcile"]


def test_every_package_has_files_to_look_at() -> None:
    assert [package for package in [*PRODUCTION, *DEVELOPMENT] if not files(package)] == []


def test_a_file_is_found_by_each_way_to_import(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    for line in ("import infra.local.stack", "from infra import local", "from infra.local.stack import Stack"):
        path.write_text(f"def later():\n    {line}\n")
        assert any(is_in(module, DEVELOPMENT) for module in imports(path)), line
    path.write_text("from infra import locality")
    assert not any(is_in(module, DEVELOPMENT) for module in imports(path))


def test_production_does_not_import_what_only_developers_have() -> None:
    assert {"jsonschema_rs", "pytest", "sse_starlette", "yaml"} <= NOT_INSTALLED
    assert importers(*PRODUCTION, of=DEVELOPMENT | NOT_INSTALLED) == set()


def test_what_is_deployed_does_not_import_the_tools() -> None:
    assert importers("functions", "shared", of={"infra"}) == set()
    assert importers("shared", of={"functions"}) == set()


@pytest.mark.parametrize("path", files("infra.fake_discord"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_fake_discord_imports_nothing_of_ours(path: Path) -> None:
    ours = [module for module in imports(path) if is_in(module, OURS)]
    assert [module for module in ours if not is_in(module, ["infra.fake_discord"])] == []


def test_only_make_run_starts_the_playground() -> None:
    assert importers("infra.local", of={"infra.playground", "infra.bench", "tests"}) == {"infra/local/__main__.py"}
    assert importers("infra.playground", of={"infra.bench", "tests"}) == set()


@pytest.mark.parametrize("path", files("shared"), ids=lambda path: path.stem)
def test_what_is_shared_does_not_import_aws(path: Path) -> None:
    aws = {"boto3", "botocore", "awslambdaric", "snapshot_restore_py"} - ALLOWED.get(path.stem, set())
    assert [module for module in imports(path) if is_in(module, aws)] == []


# From the top to the bottom: a module imports modules of its own layer and of those below.
LAYERS = [
    ["functions"],
    ["shared.features"],
    ["shared.interactions"],
    ["shared.reactions"],
    ["shared.discord"],
    ["shared.scheduled"],
    ["shared.format", "shared.database", "shared.kept_connection", "shared.connection"],
    ["shared.settings", "shared.secret", "shared.snapstart"],
    ["shared.function_url"],
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
    assert importers("shared", "functions", of={"postgrest", "supabase"}) == {"shared/database.py"}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_operator_needs_nothing_of_the_local_stack(command: str) -> None:
    refused = sorted(DEVELOPMENT | NOT_INSTALLED)
    code = f"""
import runpy, sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if any(f"{{name}}.".startswith(f"{{refused}}.") for refused in {refused}):
            raise ImportError(f"an operator does not have {{name}}")

sys.meta_path.insert(0, Refusing())
sys.argv = [{command!r}, "--help"]
runpy.run_module({command!r}, run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": ENVIRONMENT["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: python -m {command}" in done.stdout


def test_an_operator_has_the_supabase_cli() -> None:
    assert SUPABASE_CLI.relative_to(ROOT / "infra" / "deploy")
    assert "supabase" in json.loads((ROOT / "infra" / "deploy" / "package.json").read_text())["dependencies"]
