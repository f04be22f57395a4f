"""The fake Discord imports nothing of ours but itself."""

import ast
from pathlib import Path

import pytest

from tests import ROOT

FILES = sorted((ROOT / "infra" / "fake_discord").rglob("*.py"))
OURS = ("functions", "infra", "shared", "tests")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_it_imports_nothing_of_ours(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    ours = [name for name in imported if name.partition(".")[0] in OURS]
    assert [name for name in ours if not name.startswith("infra.fake_discord")] == []
